"""From sheets to projects: every decision case of projects.yaml, and order that changes nothing."""

import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import catalogue_of

from cesp_geo.siting.projects import Sheet, projects_from_sheets

PATH = Path(__file__).parents[1] / "cases" / "projects.yaml"
CASES = yaml.safe_load(PATH.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["projet"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    sheets = [
        Sheet(line, "S1", day, place, status=(*more, "en_cours")[0])
        for line, (day, place, *more) in enumerate(case["fiches"], start=2)
    ]
    catalogue = catalogue_of(case["arretes"])
    found = projects_from_sheets(
        sheets, case["le"], catalogue, zone_level=case.get("niveau", "auto")
    )
    expected = case["attendu"]
    if "clos" in expected:
        assert found == ()
        return
    (project,) = found
    if "indetermine" in expected:
        assert expected["indetermine"] in project.problem
        assert project.seniority_on is None
        return
    assert project.problem == ""
    assert project.zone is not None
    if "zone" in expected:
        assert project.zone.code == expected["zone"]
    if "depuis" in expected:
        assert project.seniority_on == expected["depuis"]
    if "preuves" in expected:
        assert [day for _, day in project.proofs] == expected["preuves"]
    if expected.get("signale") == "":
        assert project.flags == ()
    elif "signale" in expected:
        assert any(expected["signale"] in flag for flag in project.flags)


CATALOGUE = catalogue_of(
    [{"region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP", "14118": "ZAC"}}]
)
DAYS = st.dates(date(2019, 1, 1), date(2024, 12, 31))
SHEETS = st.lists(
    st.builds(
        Sheet,
        line=st.integers(2, 99),
        signatory=st.sampled_from(["S1", "S2", "S3"]),
        sheet_on=st.one_of(DAYS, DAYS, st.none()),
        place=st.sampled_from(["50502", "14118", "Saint-Lô", "Caen", "Nulle-Part", ""]),
        specialty=st.sampled_from(["mg", "Généraliste"]),
        status=st.sampled_from(["en_cours", "en_cours", "retire"]),
    ),
    max_size=9,
    unique_by=lambda sheet: sheet.line,
)


@settings(deadline=None, max_examples=150)
@given(SHEETS, st.randoms(use_true_random=False), DAYS)
def test_the_order_of_rows_changes_nothing(sheets: list[Sheet], random: Any, on: date) -> None:
    shuffled = list(sheets)
    random.shuffle(shuffled)
    found = projects_from_sheets(sheets, on, CATALOGUE)
    assert projects_from_sheets(shuffled, on, CATALOGUE) == found
    open_or_closed = {item.signatory for item in sheets}
    closed = open_or_closed - {item.signatory for item in found}
    for signatory in closed:
        past = [s for s in sheets if s.signatory == signatory and s.sheet_on and s.sheet_on <= on]
        assert max(past, key=lambda s: s.sheet_on or date.min).status == "retire"


@settings(deadline=None, max_examples=150)
@given(SHEETS, DAYS)
def test_seniority_is_the_start_of_a_run_without_another_place(
    sheets: list[Sheet], on: date
) -> None:
    """The brute-force reading: go back day by day while every sheet is in the zone."""
    homes = {"50502": "50502", "Saint-Lô": "50502", "14118": "14118", "Caen": "14118"}
    for project in projects_from_sheets(sheets, on, CATALOGUE, zone_level="commune"):
        if project.problem:
            continue
        own = [s for s in sheets if s.signatory == project.signatory and s.sheet_on]
        days = sorted({s.sheet_on for s in own if s.sheet_on and s.sheet_on <= on}, reverse=True)
        since = None
        for day in days:
            that_day = [s for s in own if s.sheet_on == day]
            if any(s.status != "en_cours" or homes[s.place] != project.zone.code for s in that_day):  # type: ignore[union-attr]
                break
            since = day
        assert project.seniority_on == since


def test_many_sheets_of_a_misspelt_place_take_no_longer_than_others() -> None:
    days = (date(2010, 1, 1) + timedelta(days=number) for number in range(1200))
    sheets = [Sheet(line, f"S{line}", day, "Bobiny") for line, day in enumerate(days, 2)]
    begun = time.monotonic()
    found = projects_from_sheets(sheets, date(2014, 1, 1))
    assert time.monotonic() - begun < 15
    assert all("Bobigny (93)" in item.problem for item in found)
