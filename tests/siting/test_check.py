"""Questions that contradict themselves are refused, whoever asks them."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from made_up import catalogue_of

from cesp_geo.errors import DateError
from cesp_geo.siting.check import check_site
from cesp_geo.siting.sites import check_sites

FAR = (date(1, 1, 1), date(1899, 12, 31), date(2200, 1, 1), date(9999, 12, 31))
ORDERS: list[dict[str, Any]] = [
    {"id": "a", "region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP"}}
]


@pytest.mark.parametrize("day", FAR)
@pytest.mark.parametrize(
    "name", ["on", "known_on", "list_published_on", "contract_signed_on", "applied_on"]
)
def test_a_day_too_far_is_refused(name: str, day: date) -> None:
    with pytest.raises(DateError, match="années 1900 à 2199"):
        check_site("50502", **{"on": "2022-01-01", name: day}, catalogue=catalogue_of(ORDERS))  # type: ignore[arg-type]


def test_a_row_whose_day_is_too_far_says_so_and_spoils_no_other() -> None:
    table = pd.DataFrame({"code": ["50502"] * 3, "jour": [date(2022, 1, 1), *FAR[2:]]})
    found = check_sites(table, catalogue=catalogue_of(ORDERS))
    assert found["verdict"].tolist()[0] == "eligible"
    assert "jour" in found["raison"].tolist()[1].lower()
    assert all("1900 à 2199" in reason for reason in found["raison"].tolist()[1:])


@pytest.mark.parametrize(
    ("profession", "days", "says"),
    [
        ("medecin", {"contract_signed_on": "2022-01-02"}, "suit l'installation"),
        ("medecin", {"applied_on": "2009-07-22"}, "n'est pas celle d'un CESP"),
        ("chirurgien-dentiste", {"applied_on": "2012-12-18"}, "n'est pas celle d'un CESP"),
    ],
)
def test_days_that_contradict_each_other_are_refused(
    profession: str, days: dict[str, str], says: str
) -> None:
    with pytest.raises(DateError, match=says):
        check_site(
            "50502", on="2022-01-01", profession=profession, **days,  # type: ignore[arg-type]
            catalogue=catalogue_of(ORDERS),
        )  # fmt: skip


def test_the_first_days_that_do_not_contradict_each_other_are_answered() -> None:
    catalogue = catalogue_of(ORDERS)
    same = {"contract_signed_on": "2022-01-01", "applied_on": "2009-07-23"}
    assert check_site("50502", on="2022-01-01", catalogue=catalogue, **same).verdict == "eligible"
    early = check_site(
        "50502", on="2026-02-01", profession="sage-femme", applied_on="2026-01-15",
        catalogue=catalogue,
    )  # fmt: skip
    assert early.reason_code == "cesp_not_open"


@pytest.mark.parametrize("first", ["91228", "93059"])
def test_communes_merged_on_different_days_do_not_share_their_days(first: str) -> None:
    """One table says the same of both pairs: a part in ZIP until its commune joins one in HZ."""
    classes = {"91182": "ZIP", "91228": "HZ", "93059": "ZIP", "93066": "HZ"}
    orders = [{"region": "11", "effet": "2018-06-01", "cog": 2018, "classes": classes}]
    catalogue = catalogue_of(orders)
    check_site(first, on="2020-06-01", catalogue=catalogue)
    found = {
        code: check_site(code, on="2020-06-01", catalogue=catalogue).verdict
        for code in ("91228", "93059")
    }
    assert found == {"91228": "not_eligible", "93059": "eligible"}
