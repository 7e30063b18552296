"""Whom a new order touches, until when they are covered, and where else they may go."""

import json
from datetime import date
from pathlib import Path

import pytest
from made_up import catalogue_of
from pyproj import Geod
from shapely import Point, shortest_line

from cesp_geo import communes
from cesp_geo.cli import main
from cesp_geo.siting.check import check_site
from cesp_geo.siting.impact import Project, impact
from cesp_geo.siting.nearest import nearest_eligible
from cesp_geo.siting.place import resolve

DAY = date(2021, 3, 16)
NEAR = ["50502", "50129", "50147", "50218", "50025", "14118", "14366", "14047"]
CATALOGUE = catalogue_of(
    [
        {"region": "28", "effet": "2019-01-01", "classes": dict.fromkeys(NEAR, "ZIP")},
        {"region": "28", "effet": "2021-03-16",
         "classes": {**dict.fromkeys(NEAR, "ZAC"), "50502": "HZ", "14118": "HZ"}},
    ]
)  # fmt: skip


def test_a_project_whose_place_falls_out() -> None:
    project = Project(
        2,
        "S1",
        "Saint-Lô",
        planned_on=date(2023, 9, 1),
        contract_signed_on=date(2017, 10, 1),
        stable_since=date(2018, 3, 16),
    )
    (row,) = impact([project], CATALOGUE, DAY)
    assert (row.before, row.after, row.touched) == ("eligible", "not_eligible", True)
    assert row.covered_until == date(2024, 3, 15)
    assert row.planned_within is True
    assert row.stable is True
    assert "pénalité écartée" in row.effect
    assert row.alternatives
    assert all(item.zone_class == "ZAC" for item in row.alternatives)


@pytest.mark.parametrize(
    ("contract", "since", "profession", "stable", "effect"),
    [
        (date(2020, 3, 19), date(2018, 3, 16), "medecin", True, "pénalité écartée"),
        (date(2020, 3, 20), date(2018, 3, 16), "medecin", True, "ni indemnité ni pénalité"),
        (date(2020, 3, 20), date(2018, 3, 17), "medecin", False, ""),
        (None, date(2018, 3, 16), "medecin", None, ""),
    ],
)
def test_a_stable_project_by_the_day_of_its_contract(
    contract: date | None, since: date, profession: str, stable: bool | None, effect: str
) -> None:
    project = Project(2, "S1", "Saint-Lô", contract_signed_on=contract, stable_since=since)
    (row,) = impact([project], CATALOGUE, DAY, profession)
    assert row.stable is stable
    assert effect in row.effect


def test_what_follows_is_conditional_where_the_loss_is_not_certain() -> None:
    catalogue = catalogue_of(
        [
            {"region": "28", "effet": "2019-01-01", "classes": dict.fromkeys(NEAR, "ZIP")},
            {"region": "28", "effet": "2021-03-16"},
        ]
    )
    project = Project(
        2, "S1", "Saint-Lô", contract_signed_on=date(2017, 10, 1), stable_since=date(2018, 3, 16)
    )
    (row,) = impact([project], catalogue, DAY)
    assert (row.before, row.after) == ("eligible", "undetermined")
    assert row.effect.startswith("si le lieu sort du zonage, ")


def test_a_project_that_cannot_be_placed_is_listed_with_its_reason() -> None:
    rows = impact([Project(2, "S1", "Saint-Lô"), Project(3, "S2", "Nulle-Part")], CATALOGUE, DAY)
    assert [row.project.signatory for row in rows] == ["S1", "S2"]
    assert "Nulle-Part" in rows[1].problem
    assert rows[1].touched is False


def test_alternatives_are_the_nearest_by_true_distance() -> None:
    """Brute force over every eligible commune."""
    place = resolve((-1.0907, 49.1157), DAY, CATALOGUE)
    found = nearest_eligible(place, DAY, CATALOGUE, count=4)
    geod, origin = Geod(ellps="WGS84"), Point(-1.0907, 49.1157)
    expected = []
    for code in NEAR:
        if check_site(code, on=DAY, catalogue=CATALOGUE).verdict == "eligible":
            shape = communes.polygon(communes.by_code(code, DAY).elits)  # type: ignore[union-attr]
            expected.append((geod.geometry_length(shortest_line(origin, shape)), code))
    assert [item.code for item in found] == [code for _, code in sorted(expected)[:4]]
    assert found[0].distance_m == pytest.approx(min(expected)[0], abs=0.1)
    kept = nearest_eligible(place, DAY, CATALOGUE, count=9, same_departement=True)
    assert {item.departement for item in kept} == {"50"}


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["impact", *words])
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def table(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_sheet_of_a_referent(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sheets = table(
        tmp_path / "fiches.csv",
        "Signataire;Date fiche;Commune;Installation prévue;Contrat signé le\n"
        "S1;01/09/2013;Bobigny;01/09/2019;01/10/2012\n"
        "S1;01/09/2014;Bobigny;01/09/2019;01/10/2012\n"
        "=S2;01/09/2014;Nulle-Part;;\n",
    )
    target = tmp_path / "impact.csv"
    status, out, _ = run(capsys, sheets, "--le", "2018-03-06", "--sortie", str(target))
    assert status == 0
    assert "2 projets" in out
    text = target.read_text(encoding="utf-8-sig")
    assert "'=S2" in text
    assert "Nulle-Part" in text
    status, out, _ = run(capsys, sheets, "--zonage", "idf-2012", "--json")
    rows = json.loads(out)
    assert rows[0]["apres"] == "eligible"


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        ("signataire;commune\nS1;Bobigny\n", [], "--zonage"),
        ("commune\nBobigny\n", ["--le", "2018-03-06"], "signataire"),
        ("signataire\nS1\n", ["--le", "2018-03-06"], "lieu"),
        ("signataire;nom;commune\nS1;Durand;Bobigny\n", ["--le", "2018-03-06"], "--garder-noms"),
        (
            "signataire;commune;installation_prevue\nS1;Bobigny;31/02/2020\n",
            ["--le", "2018-03-06"],
            "ligne 2",
        ),
        (
            "signataire;commune;date_fiche\nS1;Bobigny;01/01/2001\n",
            ["--le", "2018-03-06"],
            "précède le CESP",
        ),
    ],
)
def test_bad_sheets(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, words: list[str], says: str
) -> None:
    status, _, err = run(capsys, table(tmp_path / "f.csv", text), *words)
    assert status == 2
    assert says in err
    assert err.count("\n") == 1


def test_the_answer_as_it_was_known_on_a_day() -> None:
    catalogue = catalogue_of(
        [
            {"region": "28", "effet": "2019-01-01", "classes": dict.fromkeys(NEAR, "ZIP")},
            {"region": "28", "effet": "2021-03-16", "enregistre": date(2026, 6, 1),
             "classes": {**dict.fromkeys(NEAR, "ZAC"), "50502": "HZ"}},
        ]
    )  # fmt: skip
    project = Project(2, "S1", "Saint-Lô")
    (now,) = impact([project], catalogue, DAY)
    (then,) = impact([project], catalogue, DAY, known_on=date(2026, 5, 31))
    assert (now.before, now.after) == ("eligible", "not_eligible")
    assert (then.before, then.after) == ("eligible", "eligible")
