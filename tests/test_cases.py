"""Every decision case of tests/cases/ gives what a jurist wrote."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from made_up import catalogue_of

from cesp_geo.siting.check import check_site, default_catalogue

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['cas']}")
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    if "lieu" in case
]

_TEXTS = {
    "explique": "explanation",
    "suppose": "assumptions",
    "changerait": "would_change",
}


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    catalogue = catalogue_of(case["arretes"]) if "arretes" in case else default_catalogue()
    verdict = check_site(
        case["lieu"],
        on=case["jour"],
        profession=case.get("profession", "medecin"),
        applied_on=case.get("demande"),
        list_published_on=case.get("liste"),
        known_on=case.get("connu"),
        catalogue=catalogue,
    )
    plain = verdict.to_json()
    for key, expected in case["attendu"].items():
        if key in _TEXTS:
            said = " ".join(plain[_TEXTS[key]]) if key != "explique" else verdict.explanation
            assert all(text in said for text in expected), said
        elif key == "tait":
            said = " ".join([verdict.explanation, *verdict.assumptions])
            assert not any(text in said for text in expected), said
        elif key.startswith("lieu."):
            assert plain["place"][key.removeprefix("lieu.")] == expected
        else:
            found = plain[key]
            expected = expected.isoformat() if hasattr(expected, "isoformat") else expected
            assert found == expected, f"{key} : {verdict.explanation}"
    assert (verdict.verdict == "undetermined") == (
        len(verdict.possible) > 1 or verdict.reason_code == "before_cesp"
    )
