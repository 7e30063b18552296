"""Whatever is sent, the API answers with what its description allows, and never with a 500."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from cesp_geo.web.app import make_app

APP = make_app(hosts=["*"])
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP)


@pytest.mark.filterwarnings("ignore")
@SCHEMA.parametrize()
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_no_server_error(case: "schemathesis.Case") -> None:
    answer = case.call()
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert set(answer.json()) == {"code", "message", "champ"}
