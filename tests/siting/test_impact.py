"""Whom a new order touches, until when they are covered, and where else they may go."""

import json
import re
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import catalogue_of
from pyproj import Geod

from cesp_geo import communes
from cesp_geo.cli import main
from cesp_geo.dates import french_day
from cesp_geo.errors import TableError
from cesp_geo.inputs.rows import Column, read_rows
from cesp_geo.outputs.impact_tables import in_words
from cesp_geo.siting.check import check_site
from cesp_geo.siting.impact import impact
from cesp_geo.siting.nearest import Alternative, nearest_eligible
from cesp_geo.siting.place import resolve
from cesp_geo.siting.project import Project
from cesp_geo.zonings.catalogue import Catalogue

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
        unchanged_since=date(2018, 3, 16),
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
    project = Project(2, "S1", "Saint-Lô", contract_signed_on=contract, unchanged_since=since)
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
        2, "S1", "Saint-Lô", contract_signed_on=date(2017, 10, 1), unchanged_since=date(2018, 3, 16)
    )
    (row,) = impact([project], catalogue, DAY)
    assert (row.before, row.after) == ("eligible", "undetermined")
    assert row.effect.startswith("si le lieu sort du zonage, ")


def test_a_project_that_cannot_be_placed_is_listed_with_its_reason() -> None:
    rows = impact([Project(2, "S1", "Saint-Lô"), Project(3, "S2", "Nulle-Part")], CATALOGUE, DAY)
    assert [row.project.signatory for row in rows] == ["S1", "S2"]
    assert "Nulle-Part" in rows[1].problem
    assert rows[1].touched is None


def walked(code: str, lon: float, lat: float) -> float:
    """Metres to a commune, by the geodesic to every point of its finely cut outline."""
    shape = communes.polygon(communes.by_code(code, DAY).elits)  # type: ignore[union-attr]
    x, y = shapely.get_coordinates(shapely.segmentize(shape.boundary, 0.0002)).T
    metres = Geod(ellps="WGS84").inv(np.full(len(x), lon), np.full(len(y), lat), x, y)[2]
    return float(metres.min())


def test_alternatives_are_the_nearest_by_true_distance() -> None:
    lon, lat = -1.0907, 49.1157
    place = resolve((lon, lat), DAY, CATALOGUE)
    found = nearest_eligible(place, DAY, CATALOGUE, count=4)
    eligible = [c for c in NEAR if check_site(c, on=DAY, catalogue=CATALOGUE).verdict == "eligible"]
    expected = sorted((walked(code, lon, lat), code) for code in eligible)[:4]
    assert [item.code for item in found] == [code for _, code in expected]
    assert [item.distance_m for item in found] == pytest.approx(
        [metres for metres, _ in expected], rel=1e-3
    )


def test_those_of_the_departement_come_first_if_asked_and_the_others_follow() -> None:
    place = resolve("Vire Normandie", DAY, CATALOGUE)
    every = nearest_eligible(place, DAY, CATALOGUE, count=9)
    first = nearest_eligible(place, DAY, CATALOGUE, count=9, departement_first=True)
    assert every[0].departement == "50"
    assert set(first) == set(every)
    assert first == tuple(sorted(every, key=lambda item: (item.departement, item.distance_m)))
    few = nearest_eligible(place, DAY, CATALOGUE, count=2, departement_first=True)
    assert few == first[:2]


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


def test_closed_projects_are_listed_and_not_examined(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sheets = table(
        tmp_path / "f.csv",
        "signataire;date_fiche;commune;statut;specialite\n"
        "S1;01/09/2014;Bobigny;installé;médecine générale\nS2;;Bobigny;installé;\n"
        "S3;01/09/2014;Paris 18e arrondissement;;psychiatrie\n",
    )
    _, out, _ = run(capsys, sheets, "--le", "2015-01-01", "--json")
    rows = json.loads(out)
    assert [row["raison"] for row in rows[:2]] == ["installé : hors examen"] * 2
    assert [row["touche"] for row in rows[:2]] == [None, None]
    assert "son périmètre n'est pas chargé" in rows[2]["raison"]
    assert (rows[2]["commune"], rows[2]["specialite"]) == ("75118", "psychiatrie")


def test_a_place_of_several_zones_is_still_judged(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sheets = table(tmp_path / "f.csv", "signataire;date_fiche;commune\nS1;01/09/2014;Paris (75)\n")
    _, out, _ = run(capsys, sheets, "--le", "2015-01-01", "--json")
    (row,) = json.loads(out)
    assert (row["apres"], row["touche"]) == ("undetermined", False)
    assert "son périmètre n'est pas chargé" in row["raison"]
    assert "plusieurs zones" in row["a_verifier"]


@pytest.mark.parametrize(
    ("row", "stable", "says"),
    [
        ("01/09/2014;01/09/2013;", True, ["une seule fiche, celle du 1er septembre 2014"]),
        ("01/09/2014;01/09/2015;", None, ["contrat signé le 1er septembre 2015, après"]),
        ("01/09/2019;06/03/2018;", False, []),
        ("01/09/2019;07/03/2018;", None, ["après le jour d'effet (6 mars 2018)"]),
        ("01/09/2014;01/09/2013;01/08/2013", None,
         ["avant la signature du contrat", "avant la perte de la classe"]),
        ("01/09/2014;01/09/2013;05/03/2018", None, ["avant la perte de la classe (6 mars 2018)"]),
        ("01/09/2034;01/09/2013;", None, ["fiche du 1er septembre 2034, un jour à venir"]),
        ("01/09/2014;;", None, ["jour de signature du contrat inconnu"]),
        (";01/09/2013;", None, ["jour de la fiche inconnu"]),
    ],
)  # fmt: skip
def test_days_that_contradict_each_other_or_are_missing_are_told(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    row: str,
    stable: bool | None,
    says: list[str],
) -> None:
    head = "signataire;commune;date_fiche;contrat_signe_le;installation_prevue\n"
    sheets = table(tmp_path / "f.csv", f"{head}S1;Bobigny;{row}\n")
    _, out, _ = run(capsys, sheets, "--le", "2018-03-06", "--json")
    (found,) = json.loads(out)
    assert found["projet_stable"] is stable
    assert bool(found["effet"]) == bool(stable)
    texts = filter(None, found["a_verifier"].split("; "))
    told = [text for text in texts if not text.startswith("aucune fiche")]
    assert len(told) == len(says)
    assert all(text in line for text, line in zip(says, told, strict=True))
    _, out, _ = run(capsys, sheets, "--le", "2018-03-06")
    assert "1 indéterminé ou à vérifier" in out
    assert all(f"! {text}" in out for text in told)


def test_a_sheet_of_a_day_to_come_tells_nothing_of_the_others(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = "S1;Bobigny;01/09/2017;01/09/2013\nS2;Bobigny;01/09/2034;01/09/2013\n"
    sheets = table(tmp_path / "f.csv", f"signataire;commune;date_fiche;contrat_signe_le\n{rows}")
    _, out, _ = run(capsys, sheets, "--le", "2018-03-06", "--json")
    first, second = json.loads(out)
    assert first["a_verifier"] == ""
    assert "2034" in second["a_verifier"]


def test_the_zoning_brings_its_profession(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    dental = {"region": "28", "effet": "2021-03-16", "profession": "chirurgien-dentiste",
              "id": "dentaire", "classes": {"50502": "SOUS_DOTEE"}}  # fmt: skip
    Catalogue.load(tmp_path).add(tuple(catalogue_of([dental]).zonings.values()))
    home = ["--catalogue", str(tmp_path)]
    sheets = table(
        tmp_path / "f.csv",
        "signataire;commune;specialite\nS1;Saint-Lô;orthodontiste\nS2;Saint-Lô;généraliste\n"
        "S3;Saint-Lô;chirurgie orale\nS4;Saint-Lô;\n",
    )
    status, out, _ = run(capsys, sheets, "--zonage", "dentaire", *home)
    assert (status, "Effet le 16 mars 2021, chirurgien-dentiste" in out) == (0, True)
    _, out, _ = run(capsys, sheets, "--zonage", "dentaire", *home, "--json")
    rows = json.loads(out)
    assert [row["apres"] for row in rows] == ["eligible", "", "eligible", "eligible"]
    assert "autre profession (médecin)" in rows[1]["raison"]
    _, out, _ = run(capsys, sheets, "--zonage", "idf-2012", *home, "--json")
    strangers = ["autre profession" in row["raison"] for row in json.loads(out)]
    assert strangers == [True, False, False, False]
    asked = ["--zonage", "dentaire", "--profession", "medecin"]
    status, _, err = run(capsys, sheets, *asked, *home)
    assert (status, err.count("\n")) == (2, 1)
    assert "Retirez --profession" in err


def test_a_day_on_which_no_order_takes_effect_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sheets = table(tmp_path / "f.csv", "signataire;commune\nS1;Bobigny\n")
    says = "aucun arrêté connu ne prend effet ce jour-là (le dernier avant : 6 mars 2018"
    assert says in run(capsys, sheets, "--le", "2018-03-07")[1]
    _, out, err = run(capsys, sheets, "--le", "2018-03-07", "--json")
    assert says in err
    assert json.loads(out)
    assert "aucun arrêté" not in run(capsys, sheets, "--le", "2018-03-06")[1]
    target = tmp_path / "t.csv"
    for words in (["2004-12-31"], ["2018-03-06", "--connu-le", "2020-01-01"]):
        status, _, err = run(capsys, sheets, "--sortie", str(target), "--le", *words)
        assert (status, err.count("\n"), target.exists()) == (2, 1, False)
        assert "Aucun arrêté pour médecin n'est connu" in err


def test_what_an_alternative_is_made_of(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sheets = table(tmp_path / "f.csv", "signataire;commune\nS1;Aubervilliers\n")
    target = tmp_path / "t.csv"
    _, out, _ = run(capsys, sheets, "--le", "2012-05-24", "--sortie", str(target))
    order = "arrêté n° 12-209 du 24 mai 2012 (Île-de-France)"
    near = r"La Courneuve \(93027\), [^,]+, \d+,\d km, \d\d\u202f\d{3} hab\."
    assert f"Lieux éligibles proches, {order}" in out
    assert re.search(rf"→ {near}\n", out)
    assert re.search(f"{near}, {re.escape(order)}", target.read_text(encoding="utf-8-sig"))
    unknown = Alternative("QN1", "Quartier", "93", "11", "ZIP", "idf-2012", None, 1000.0)
    assert in_words(unknown).endswith("1,0 km, population inconnue")


def test_the_workbook_of_a_referent(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sheets = table(
        tmp_path / "f.csv",
        "signataire;date_fiche;commune;installation_prevue\nS1;01/09/2014;Aubervilliers;02/01/2016\n",
    )
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    for target in (first, second):
        assert run(capsys, sheets, "--le", "2015-01-01", "--sortie", str(target))[0] == 0
    assert first.read_bytes() == second.read_bytes()
    book = openpyxl.load_workbook(first)
    projects = book["Projets"]
    titles = [cell.value for cell in projects[1]]
    row = dict(zip(titles, (cell.value for cell in projects[2]), strict=True))
    assert (row["signataire"], row["apres"]) == ("S1", "Non éligible")
    assert row["installation_prevue"] == datetime(2016, 1, 2)
    near = list(book["Lieux éligibles proches"].iter_rows(min_row=2, values_only=True))
    assert [cells[3] for cells in near] == [1, 2, 3, 4, 5]
    assert near[0][4:7] == ("La Courneuve", "93027", "93")
    assert "arrêté n° 12-209" in str(near[0][9])
    said = {str(row[0]): str(row[1]) for row in book["À savoir"].iter_rows(values_only=True)}
    assert "décision" in said["Portée"]
    catalogue = Catalogue.load()
    assert said["Connu au"] == french_day(catalogue.last_recorded)
    assert catalogue.zoning("idf-2012").sha256 in said["Zonage idf-2012"]
    assert run(capsys, sheets, "--le", "2015-01-01", "--connu-le", "2026-11-24",
               "--sortie", str(second))[0] == 0  # fmt: skip
    known = openpyxl.load_workbook(second)["À savoir"].iter_rows(values_only=True)
    assert ("Connu au", "24 novembre 2026") in list(known)


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


def read_titles(folder: Path, title: str) -> None:
    columns = (Column("signataire", "", required=True), Column("commune", "", required=True))
    path = Path(table(folder / "t.csv", f"signataire;commune;{title}\nS1;Bobigny;x\n"))
    read_rows(path, columns, refuse_names=True)


NAMES = ["nom", "noms", "prénom", "Prénoms", "name", "surname", "fullname", "firstname",
         "lastname", "identité", "patronyme", "étudiant", "étudiante", "interne"]  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(["du", "signataire", "de", "famille", "2", "complet"]), max_size=2),
    st.lists(st.sampled_from(["le", "civilité", "et", "jeune"]), max_size=2),
    st.sampled_from([" ", "_", "-"]),
    st.booleans(),
)
def test_a_title_with_a_word_of_names_is_refused(
    tmp_path: Path, word: str, after: list[str], before: list[str], space: str, upper: bool
) -> None:
    title = space.join([*before, word, *after])
    with pytest.raises(TableError, match="porte des noms"):
        read_titles(tmp_path, title.upper() if upper else title)


@pytest.mark.parametrize(
    "title",
    ["nom de la commune", "Nom_commune", "nom du QPV", "nom de la zone", "nom_zone", "internat",
     "nombre", "nom de l'établissement", "dénomination"],
)  # fmt: skip
def test_a_title_of_places_is_not_one_of_names(tmp_path: Path, title: str) -> None:
    read_titles(tmp_path, title)


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


def recorded(home: Path) -> list[str]:
    """A catalogue in which Saint-Lô and Caen, then Macouria, lose their class on one day."""
    orders = [
        {"region": "28", "effet": "2021-03-15", "classes": dict.fromkeys(NEAR, "ZIP")},
        {"region": "28", "effet": "2021-03-16",
         "classes": {**dict.fromkeys(NEAR, "ZAC"), "50502": "HZ", "14118": "HZ"}},
        {"region": "03", "effet": "2021-03-15", "classes": {"97305": "ZIP"}},
        {"region": "03", "effet": "2021-03-16", "classes": {"97305": "HZ"}, "id": "guyane"},
    ]  # fmt: skip
    Catalogue.load(home).add(tuple(catalogue_of(orders).zonings.values()))
    return ["--catalogue", str(home)]


def rows_of(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    _, out, _ = run(capsys, *words, "--json")
    found: list[dict[str, object]] = json.loads(out)
    return found


def test_from_a_gap_to_another_nobody_knows_who_is_touched(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sheets = table(tmp_path / "f.csv", "signataire;commune\nS1;Bobigny\nS2;Vern-sur-Seiche\n")
    asked = [sheets, "--le", "2022-03-31"]
    first, second = rows_of(capsys, *asked)
    assert (first["avant"], first["apres"], first["touche"]) == ("undetermined",) * 2 + (None,)
    for order in ("6 mars 2018", "30 mars 2022"):
        assert f"l'arrêté du {order} (Île-de-France)" in str(first["raison"])
    assert (second["apres"], second["touche"]) == ("undetermined", False)
    target = tmp_path / "t.csv"
    _, out, _ = run(capsys, *asked, "--sortie", str(target))
    assert "(0 touché, 1 inchangé, 1 indéterminé ou à vérifier, 0 hors examen)" in out
    assert str(first["raison"]) in out
    assert ";Indéterminé;Indéterminé;;;indéterminé;" in target.read_text(encoding="utf-8-sig")


def test_what_was_not_placed_or_examined_is_neither_touched_nor_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sheets = table(
        tmp_path / "f.csv",
        "signataire;date_fiche;commune;statut;specialite\nS1;01/09/2011;99999;;\n"
        "S2;01/09/2011;Bobigny;retiré;\nS3;01/09/2011;Bobigny;;orthodontiste\n",
    )
    asked = [sheets, "--le", "2012-05-24"]
    assert [row["touche"] for row in rows_of(capsys, *asked)] == [None] * 3
    target = tmp_path / "t.csv"
    _, out, _ = run(capsys, *asked, "--sortie", str(target))
    assert "(0 touché, 0 inchangé, 1 indéterminé ou à vérifier, 2 hors examen)" in out
    assert "non;" not in target.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("day", ["01/09/2020", ""])
def test_sheets_that_contradict_each_other_decide_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, day: str, swapped: bool
) -> None:
    asked = ["--le", "2021-03-16", *recorded(tmp_path)]
    sheets = ["S1;01/09/2020;Saint-Lô;;", "S1;01/09/2020;Caen;;"]
    text = "signataire;date_fiche;commune;lon;lat\n" + "\n".join(sheets[:: -1 if swapped else 1])
    text += f"\nS2;{day};Saint-Lô;-0.205;48.9\n"
    rows = rows_of(capsys, table(tmp_path / "f.csv", text), *asked)
    assert [row["apres"] for row in rows] == ["undetermined", "undetermined"]
    assert [row["touche"] for row in rows] == [None, None]
    assert [row["alternatives"] for row in rows] == [[], []]
    for row, others in zip(rows, (["Caen (14118)"], ["Falaise (14258)"]), strict=True):
        for name in ("Saint-Lô (50502), Éligible → Non éligible", *others):
            assert name in str(row["raison"])
    assert "se contredisent (ligne 2, ligne 3)" in str(rows[0]["raison"])
    assert rows[0]["lieu"] == "Caen (14118) ou Saint-Lô (50502)"


def test_a_day_that_sheets_of_one_day_give_twice_is_not_kept(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (
        "signataire;date_fiche;commune;installation_prevue\n"
        "S1;01/09/2011;Bobigny;01/09/2013\nS1;01/09/2011;Bobigny;01/09/2023\n"
    )
    (row,) = rows_of(capsys, table(tmp_path / "f.csv", text), "--le", "2012-05-24")
    assert (row["touche"], row["installation_prevue"]) == (None, None)
    assert "Bobigny (93008), Indéterminé → Éligible" in str(row["raison"])


def test_a_point_near_a_border_says_what_each_side_gives() -> None:
    catalogue = catalogue_of(
        [
            {"region": "28", "effet": "2019-01-01", "classes": {"14025": "ZAC", "14258": "ZAC"}},
            {"region": "28", "effet": "2021-03-16", "classes": {"14025": "HZ", "14258": "ZAC"}},
        ]
    )
    texts = ["48.920196,-0.201629", "48.919596,-0.202828"]
    projects = [Project(2, text, text, planned_on=date(2023, 1, 1)) for text in texts]
    for row, own in zip(impact(projects, catalogue, DAY), ("Aubigny", "Falaise"), strict=True):
        assert (row.place_name, row.before, row.after) == (own, "eligible", "undetermined")
        assert (row.touched, row.covered_until, row.planned_within) == (None, None, None)
        assert "si près d'une limite" in row.reason
        for says in ("éligible ou non éligible", "Aubigny (14025) : non éligible",
                     "Falaise (14258) : éligible"):  # fmt: skip
            assert says in row.reason


def test_a_zoning_does_not_answer_for_another_of_its_day(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    home = recorded(tmp_path)
    sheets = table(tmp_path / "f.csv", "signataire;commune\nS1;Saint-Lô\nS2;97305\n")
    asked = [sheets, "--zonage", "arrete-1", *home]
    first, second = rows_of(capsys, *asked)
    assert (first["touche"], first["arrete_apres"]) == (True, "arrete-1")
    assert (second["touche"], second["arrete_apres"]) == (False, "guyane")
    assert "(Guyane), et non du zonage demandé" in str(second["raison"])
    _, out, _ = run(capsys, *asked)
    assert "(1 touché, 1 inchangé, 0 indéterminé ou à vérifier, 0 hors examen)" in out
    assert "par l'arrêté en vigueur à partir du 16 mars 2021 (Normandie)" in out
    assert "S2, Macouria (97305) : non touché par ce zonage, Éligible → Non éligible" in out
    assert [row["touche"] for row in rows_of(capsys, sheets, "--le", "2021-03-16", *home)] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("place", "codes"),
    [("13001", ["14118"]), ("2B033", ["2A004"]), ("97411", []), ("97610", ["97608"])],
)
def test_another_sea_is_no_alternative(place: str, codes: list[str]) -> None:
    held = {"28": "14118", "94": "2A004", "06": "97608"}
    catalogue = catalogue_of(
        [
            {"region": region, "effet": "2021-03-16", "classes": {code: "ZIP"}}
            for region, code in held.items()
        ]
    )
    (row,) = impact([Project(2, "S1", place)], catalogue, DAY)
    assert [item.code for item in row.alternatives] == codes
    assert ("sans traverser la mer" in row.nearest_doubts) == (not codes)


def test_places_that_may_be_nearer_are_counted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    classes = {"14118": "HZ", "14366": "ZIP", "14047": "NC"}
    eve = {"region": "28", "effet": "2021-03-15", "classes": {"14118": "ZIP"}}
    order = {"region": "28", "effet": "2021-03-16", "classes": classes, "complet": ["*"]}
    (row,) = impact([Project(2, "S1", "Caen")], catalogue_of([eve, order]), DAY)
    assert [item.code for item in row.alternatives] == ["14366"]
    said = "1 commune plus proche a une éligibilité indéterminée : elle peut être éligible"
    assert row.nearest_doubts == said
    partial = {**order, "complet": ["14", "27", "61", "76"]}
    held = catalogue_of([eve, partial])
    (row,) = impact([Project(2, "S1", "Caen")], held, DAY)
    name = "l'arrêté en vigueur à partir du 16 mars 2021 (Normandie)"
    count, rest = row.nearest_doubts.split(" communes plus proches ")
    near = [
        code for code in shapes_near("Caen", row.alternatives[0].distance_m) if code[:2] == "50"
    ]
    assert int(count) == 1 + len(near)
    assert rest == (
        f"ont une éligibilité indéterminée (contenu manquant ou incomplet : {name}) : "
        "l'une d'elles peut être éligible"
    )
    Catalogue.load(tmp_path).add(tuple(held.zonings.values()))
    sheets = table(tmp_path / "f.csv", "signataire;commune\nS1;Caen\n")
    target = tmp_path / "t.csv"
    asked = ["--le", "2021-03-16", "--catalogue", str(tmp_path), "--sortie", str(target)]
    _, out, _ = run(capsys, sheets, *asked)
    assert f"! {row.nearest_doubts}" in out
    assert row.nearest_doubts in target.read_text(encoding="utf-8-sig")
    (found,) = rows_of(capsys, sheets, *asked)
    assert found["remarque_alternatives"] == row.nearest_doubts


def shapes_near(name: str, metres: float) -> list[str]:
    """Codes of the communes whose outline is that near to the inside of a commune."""
    inside = communes.polygon(communes.find(name, DAY).elits).point_on_surface()
    frame = communes.shapes(DAY)
    geod = Geod(ellps="WGS84")
    found = []
    for code, shape in zip(frame["code"], frame.geometry, strict=True):
        if shape.distance(inside) < 1.5 * metres / 70_000:
            x, y = shapely.get_coordinates(shapely.segmentize(shape, 0.001)).T
            if (
                geod.inv(np.full(len(x), inside.x), np.full(len(y), inside.y), x, y)[2].min()
                < metres
            ):
                found.append(code)
    return found


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"region_first": True}, "dans la région (Normandie)"),
        ({"departement_first": True}, "dans le département (Calvados)"),
        ({}, ""),
    ],
)
def test_a_territory_without_any_is_told(asked: dict[str, bool], says: str) -> None:
    whole = {"effet": "2021-03-16", "complet": ["*"]}
    catalogue = catalogue_of(
        [
            {**whole, "region": "28", "classes": {"14118": "HZ"}},
            {**whole, "region": "53", "classes": {"35236": "ZIP"}},
        ]
    )
    (row,) = impact([Project(2, "S1", "Caen")], catalogue, DAY, **asked)
    told = [text for text in row.nearest_doubts.split(" ; ") if text.startswith("aucun")]
    assert told == ([f"aucun lieu éligible n'est connu {says}"] if says else [])
    assert [item.code for item in row.alternatives] == ["35236"]


@pytest.mark.parametrize("other", ["a-quartiers", "z-quartiers"])
def test_a_second_file_of_the_day_does_not_take_the_blame(other: str) -> None:
    day = date(2024, 6, 1)
    quarter = {"QN05001M": {"classe": "ZIP", "communes": ["50129"]}}
    catalogue = catalogue_of(
        [
            {"region": "28", "effet": "2023-06-01", "classes": {"50502": "ZIP"}},
            {"id": "communes", "region": "28", "effet": str(day), "classes": {"50502": "HZ"}},
            {"id": other, "region": "28", "effet": str(day), "cog": 2024, "qpv": quarter},
        ]
    )
    (row,) = impact([Project(2, "S1", "Saint-Lô")], catalogue, day, zoning_id="communes")
    assert (row.touched, row.orders) == (True, ("communes",))
