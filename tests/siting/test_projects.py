"""From sheets to projects: every decision case of projects.yaml, and order that changes nothing."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import catalogue_of

from cesp_geo.siting.projects import projects_from_sheets
from cesp_geo.siting.sheets import Sheet

PATH = Path(__file__).parents[1] / "cases" / "projects.yaml"
CASES = yaml.safe_load(PATH.read_text(encoding="utf-8"))


FIELDS = {
    "statut": "status", "specialite": "specialty", "mode": "mode", "prevue": "planned_on",
    "contrat": "contract_signed_on", "demande": "applied_on", "probleme": "problem",
    "commune": "commune",
}  # fmt: skip


def made(line: int, day: date | None, place: str, more: str | dict[str, Any] = "en_cours") -> Sheet:
    fields = {"statut": more} if isinstance(more, str) else more
    return Sheet(line, "S1", day, place, **{FIELDS[key]: cell for key, cell in fields.items()})


@pytest.mark.parametrize("case", CASES, ids=[case["projet"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    sheets = [made(line, *cells) for line, cells in enumerate(case["fiches"], start=2)]
    catalogue = catalogue_of(case["arretes"])
    found = projects_from_sheets(
        sheets,
        case["le"],
        catalogue,
        zone_level=case.get("niveau", "auto"),
        unchanged_until=case.get("perdue") or case["le"],
    )
    expected = case["attendu"]
    if "clos" in expected:
        assert found == ()
        return
    (project,) = found
    if "indetermine" in expected:
        assert expected["indetermine"] in project.problem
        assert project.seniority_on is None
        assert [zone.code for zone in project.possible_zones] == expected.get("possibles", [])
        return
    assert project.problem == ""
    assert project.zone is not None
    if "zone" in expected:
        assert project.zone.code == expected["zone"]
    if "depuis" in expected:
        assert project.seniority_on == expected["depuis"]
    if "preuves" in expected:
        assert [item.day for item in project.proofs] == expected["preuves"]
    if "demande" in expected:
        assert project.applied_on == expected["demande"]
    if "inchangee" in expected:
        assert project.unchanged_since == expected["inchangee"]
    if expected.get("signale") == "":
        assert project.flags == ()
    elif "signale" in expected:
        assert any(expected["signale"] in flag for flag in project.flags)


CATALOGUE = catalogue_of(
    [{"region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP", "14118": "ZAC"}}]
)
DAYS = st.dates(date(2019, 1, 1), date(2024, 12, 31))
FEW_DAYS = st.sampled_from([date(2020, 9, 1), date(2021, 9, 1), date(2022, 9, 1)])
SHEETS = st.lists(
    st.builds(
        Sheet,
        line=st.integers(2, 6),
        signatory=st.sampled_from(["S1", "S2", "S3"]),
        sheet_on=st.one_of(DAYS, FEW_DAYS, FEW_DAYS, st.none()),
        place=st.sampled_from(["50502", "14118", "Saint-Lô", "Caen", "Nulle-Part", ""]),
        specialty=st.sampled_from(["mg", "Généraliste", "mg", ""]),
        status=st.sampled_from(["en_cours", "en_cours", "en_cours", "retire"]),
        mode=st.sampled_from(["libéral", "libéral", "mixte"]),
        planned_on=st.sampled_from([None, None, date(2026, 1, 1)]),
        contract_signed_on=st.sampled_from([None, None, None, date(2018, 1, 1)]),
        applied_on=st.sampled_from([None, None, date(2021, 1, 1), date(2022, 1, 1)]),
        origin=st.sampled_from(["", "onglet A", "onglet B"]),
    ),
    max_size=9,
)


@settings(deadline=None, max_examples=300)
@given(SHEETS, st.randoms(use_true_random=False), DAYS)
def test_the_order_of_rows_changes_nothing(sheets: list[Sheet], random: Any, on: date) -> None:
    shuffled = list(sheets)
    random.shuffle(shuffled)
    found = projects_from_sheets(sheets, on, CATALOGUE, unchanged_until=on)
    assert projects_from_sheets(shuffled, on, CATALOGUE, unchanged_until=on) == found
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
        assert {item.where for item in project.proofs} <= {s.where for s in own}


def test_rows_of_one_line_number_in_two_tabs_are_two_sheets() -> None:
    sheets = [
        Sheet(2, "S1", date(2020, 9, 1), "Saint-Lô", origin="onglet A, ligne 2"),
        Sheet(2, "S1", date(2020, 9, 1), "Saint-Lô", origin="onglet B, ligne 2"),
    ]
    (project,) = projects_from_sheets(sheets, date(2021, 1, 1), CATALOGUE)
    assert [item.where for item in project.proofs] == ["onglet A, ligne 2", "onglet B, ligne 2"]


def test_the_zone_is_said_to_be_unknown_where_the_zoning_of_a_sheet_is_not_loaded() -> None:
    sheets = [
        Sheet(line, "S1", date(year, 9, 1), "Saint-Lô") for line, year in ((2, 2018), (3, 2020))
    ]
    day = date(2021, 1, 1)
    (project,) = projects_from_sheets(
        sheets, day, CATALOGUE, zone_level="commune", unchanged_until=day
    )
    assert (project.seniority_on, project.unchanged_since) == (date(2018, 9, 1), None)
    assert "n'est pas chargé" in project.unchanged_doubt
    assert "--zone" not in project.unchanged_doubt
    (project,) = projects_from_sheets(sheets, day, CATALOGUE, zone_level="commune")
    assert project.flags == ("plus de 18 mois entre les fiches du 1er septembre 2018 et du 1er "
                             "septembre 2020 : à vérifier",)  # fmt: skip
