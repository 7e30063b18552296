"""Competing projects: who comes first, why, and what the program never decides."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cesp_geo.cli import main
from cesp_geo.inputs.sheets import read_sheets
from cesp_geo.outputs.conflict_tables import write_ranking
from cesp_geo.siting.conflicts import Capacity, Decision, Ranking, rank_projects
from cesp_geo.siting.projects import Project, Proof
from cesp_geo.siting.zones import Zone

ON = date(2024, 1, 1)
ZONES = [Zone("commune", "50502", "Saint-Lô"), Zone("commune", "14118", "Caen")]


def project(name: str, since: date | None, zone: Zone | None = ZONES[0], **more: object) -> Project:
    made = Project(
        line=2,
        signatory=name,
        place="x",
        specialty="médecine générale",
        zone=zone,
        place_key=zone.code if zone else "",
        seniority_on=since,
        proofs=(Proof(2, since),) if since else (),
    )
    return replace(made, **more)  # type: ignore[arg-type]


OLD = project("S1", date(2020, 9, 1))
MIDDLE = project("S2", date(2021, 9, 1))
NEW = project("S3", date(2022, 9, 1))


def places(ranking: Ranking) -> dict[str, str]:
    return {
        item.project.signatory: item.place for group in ranking.groups for item in group.standings
    }


@pytest.mark.parametrize(
    ("projects", "posts", "outcome", "expected"),
    [
        ([OLD, NEW], None, "case_by_case", {"S1": "open", "S3": "open"}),
        ([OLD, NEW], 2, "compatible", {"S1": "first", "S3": "first"}),
        ([OLD, NEW], 1, "priority", {"S1": "first", "S3": "after"}),
        ([OLD, NEW], 0, "priority", {"S1": "after", "S3": "after"}),
        ([OLD], 0, "priority", {"S1": "after"}),
        (
            [OLD, MIDDLE, project("S4", date(2021, 9, 1)), NEW],
            2,
            "tie",
            {"S1": "first", "S2": "tied", "S4": "tied", "S3": "after"},
        ),
        (
            [project("S5", date(2020, 9, 1)), OLD],
            1,
            "tie",
            {"S1": "tied", "S5": "tied"},
        ),
        (
            [MIDDLE, project("S4", date(2021, 9, 1)), NEW],
            2,
            "priority",
            {"S2": "first", "S4": "first", "S3": "after"},
        ),
    ],
)
def test_outcomes(
    projects: list[Project], posts: int | None, outcome: str, expected: dict[str, str]
) -> None:
    capacities = [] if posts is None else [Capacity("50502", posts)]
    ranking = rank_projects(projects, ON, capacities)
    assert [group.outcome for group in ranking.groups] == [outcome]
    assert places(ranking) == expected


def test_specialties_compete_only_with_their_own() -> None:
    cardiologist = replace(NEW, signatory="S9", specialty="Cardiologue")
    ranking = rank_projects([OLD, cardiologist], ON, [Capacity("50502", 1)])
    assert ranking.groups == ()
    assert [item.signatory for item in ranking.alone] == ["S1", "S9"]
    capacities = [Capacity("50502", 5), Capacity("50502", 1, "médecine générale")]
    (group,) = rank_projects([OLD, NEW, cardiologist], ON, capacities).groups
    assert (group.specialty, group.capacity) == ("médecine générale", 1)


@pytest.mark.parametrize("specialty", [None, "devin", "médecine"])
def test_an_unknown_specialty_keeps_the_zone_undetermined(specialty: str | None) -> None:
    unknown = replace(NEW, signatory="S9", specialty=specialty)
    ranking = rank_projects([OLD, MIDDLE, unknown], ON, [Capacity("50502", 2)])
    assert [item.signatory for item in ranking.undetermined] == ["S9"]
    (group,) = ranking.groups
    assert group.outcome == "undetermined"
    assert set(places(ranking).values()) == {"unknown"}
    assert any("S9" in note for note in group.notes)
    assert rank_projects([OLD, MIDDLE, unknown], ON, [Capacity("50502", 3)]).groups[0].outcome == (
        "compatible"
    )


def test_a_project_that_may_be_in_two_zones_weighs_on_both() -> None:
    lost = project("S9", None, None, problem="plusieurs zones", possible_zones=tuple(ZONES))
    other = project("S8", date(2022, 1, 1), ZONES[1])
    ranking = rank_projects([OLD, other, lost], ON, [Capacity("50502", 1)])
    assert [(group.zone.code, group.outcome) for group in ranking.groups] == [
        ("14118", "case_by_case"),
        ("50502", "undetermined"),
    ]
    assert all(group.maybe for group in ranking.groups)


def test_the_horizon_leaves_out_later_plans_and_asks_for_missing_ones() -> None:
    soon = replace(OLD, planned_on=date(2026, 1, 1))
    late = replace(MIDDLE, planned_on=date(2026, 1, 2))
    missing = replace(NEW, planned_on=None)
    ranking = rank_projects([soon, late, missing], ON, horizon_months=24)
    assert [item.signatory for item in ranking.beyond] == ["S2"]
    assert [item.signatory for item in ranking.undetermined] == ["S3"]
    assert rank_projects([soon, late, missing], ON).undetermined == ()


def test_the_same_place_under_old_contracts_recalls_the_national_rule() -> None:
    old = replace(OLD, contract_signed_on=date(2019, 1, 1), applied_on=date(2023, 11, 30))
    twin = replace(NEW, contract_signed_on=date(2020, 3, 19))
    (group,) = rank_projects([old, twin], ON).groups
    assert group.same_place == ((old, twin),)
    assert "art. 7-1" in group.notes[0]
    assert "29 février 2024" in group.notes[0]
    new = replace(twin, contract_signed_on=date(2020, 3, 20))
    assert rank_projects([old, new], ON).groups[0].same_place == ()
    elsewhere = replace(twin, place_key="14118")
    assert rank_projects([old, elsewhere], ON).groups[0].same_place == ()
    unknown = replace(twin, contract_signed_on=None)
    assert "si les contrats" in rank_projects([old, unknown], ON).groups[0].notes[0]


def test_decisions_are_shown_and_change_nothing() -> None:
    decisions = [
        Decision("50502", date(2023, 12, 1), ("S3",), "accord des deux"),
        Decision("50502", date(2024, 1, 2), ("S1",), "trop tard"),
        Decision("99999", date(2023, 12, 1), ("S1",), "ailleurs", 4),
    ]
    capacities = [Capacity("50502", 1)]
    bare, decided = (rank_projects([OLD, NEW], ON, capacities, d) for d in ((), decisions))
    assert places(bare) == places(decided)
    assert [item.signatories for item in decided.groups[0].decisions] == [("S3",)]
    assert len(decided.unused) == 2
    assert "aucun projet classé dans la zone « 99999 »" in decided.unused[0]
    assert "2 janvier 2024, après le jour demandé" in decided.unused[1]


def test_nothing_the_referent_says_is_silent() -> None:
    alone = project("S9", date(2022, 1, 1), ZONES[1])
    capacities = [
        Capacity("50502", 1, "cardiologie", 2),
        Capacity("99999", 1, "", 3),
        Capacity("14118", 1, "médecine générale", 4),
    ]
    decisions = [
        Decision("14118", date(2023, 1, 1), ("S9",), "seul", 5),
        Decision("50502", date(2023, 1, 1), ("S1", "S77"), "inconnu", 6),
    ]
    said = rank_projects([OLD, NEW, alone], ON, capacities, decisions).unused
    for line, words in ((2, "cardiologie"), (3, "99999"), (5, "aucun conflit"), (6, "S77")):
        assert any(f"ligne {line} " in text and words in text for text in said)
    assert len(said) == 4


def test_the_cut_among_one_place_is_left_to_the_authority() -> None:
    signed = {"contract_signed_on": date(2019, 1, 1)}
    first, second, third = (replace(item, **signed) for item in (OLD, MIDDLE, NEW))
    capacities = [Capacity("50502", 1)]
    (group,) = rank_projects([first, second], ON, capacities).groups
    assert group.outcome == "case_by_case"
    assert [item.place for item in group.standings] == ["authority", "authority"]
    assert all("l'ancienneté n'en décide pas" in item.why for item in group.standings)
    (group,) = rank_projects([first, second], ON, [Capacity("50502", 2)]).groups
    assert group.outcome == "compatible"
    elsewhere = replace(first, point=(-1.09, 49.11))
    (group,) = rank_projects([elsewhere, second, third], ON, [Capacity("50502", 1)]).groups
    assert (group.outcome, places(rank_projects([elsewhere, second, third], ON, capacities))) == (
        "priority", {"S1": "first", "S2": "after", "S3": "after"},
    )  # fmt: skip
    assert places(rank_projects([elsewhere, second, third], ON, [Capacity("50502", 2)])) == {
        "S1": "first", "S2": "authority", "S3": "authority",
    }  # fmt: skip
    later = replace(second, contract_signed_on=date(2020, 3, 20))
    assert rank_projects([first, later], ON, capacities).groups[0].outcome == "priority"


@pytest.mark.parametrize(("metres", "same"), [(0, True), (49, True), (51, False)])
def test_points_are_one_place_within_fifty_metres(metres: float, same: bool) -> None:
    signed = {"contract_signed_on": date(2019, 1, 1)}
    one = replace(OLD, point=(-1.09, 49.11), **signed)
    other = replace(NEW, point=(-1.09, 49.11 + metres / 111_200), **signed)
    assert bool(rank_projects([one, other], ON).groups[0].same_place) is same


def test_no_post_left_stays_so_whatever_the_doubt() -> None:
    lost = project("S9", None, None, problem="sans jour", possible_zones=(ZONES[0],))
    (group,) = rank_projects([OLD, NEW, lost], ON, [Capacity("50502", 0)]).groups
    assert (group.outcome, [item.place for item in group.standings]) == (
        "priority", ["after", "after"],
    )  # fmt: skip


def test_the_horizon_comes_before_an_unknown_specialty() -> None:
    late = replace(MIDDLE, planned_on=date(2030, 1, 1), specialty="devin")
    ranking = rank_projects([late], ON, horizon_months=24)
    assert [item.signatory for item in ranking.beyond] == ["S2"]
    assert ranking.undetermined == ()


PROJECTS = st.lists(
    st.builds(
        lambda number, year, zone: (number, date(year, 9, 1), zone),
        st.integers(1, 30),
        st.integers(2018, 2023),
        st.sampled_from(ZONES),
    ),
    max_size=10,
    unique_by=lambda item: item[0],
).map(lambda items: [project(f"S{number}", day, zone) for number, day, zone in items])
POSTS = st.one_of(st.none(), st.integers(0, 6))


@settings(deadline=None)
@given(PROJECTS, POSTS, st.randoms(use_true_random=False))
def test_order_changes_nothing_and_priority_is_exact(
    projects: list[Project], posts: int | None, random: object
) -> None:
    capacities = [] if posts is None else [Capacity("50502", posts)]
    shuffled = list(projects)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    ranking = rank_projects(projects, ON, capacities)
    assert rank_projects(shuffled, ON, capacities) == ranking
    for group in ranking.groups:
        if group.capacity is None:
            continue
        words = [item.place for item in group.standings]
        first, tied = words.count("first"), words.count("tied")
        if group.outcome == "tie":
            cut = [i.project.seniority_on for i in group.standings if i.place == "tied"]
            assert len(set(cut)) == 1
            assert first < group.capacity < first + tied
            assert [i.project.seniority_on for i in group.standings].count(cut[0]) == tied
        else:
            assert (first, tied) == (min(group.capacity, len(words)), 0)


@settings(deadline=None)
@given(PROJECTS, POSTS, st.integers(2018, 2023))
def test_a_newcomer_elsewhere_or_a_junior_changes_no_rank(
    projects: list[Project], posts: int | None, year: int
) -> None:
    capacities = [] if posts is None else [Capacity("50502", posts)]
    ranking = rank_projects(projects, ON, capacities)
    elsewhere = project("S99", date(year, 1, 1), Zone("commune", "35238", "Rennes"))
    assert rank_projects([*projects, elsewhere], ON, capacities).groups == ranking.groups
    junior = project("S99", date(2023, 12, 31))
    before = ranks(ranking)
    after = ranks(rank_projects([*projects, junior], ON, capacities))
    assert all(after[name] <= rank for name, rank in before.items())
    for senior in projects:
        rest = [item for item in projects if item is not senior]
        now = ranks(rank_projects(rest, ON, capacities))
        assert all(now.get(name, 1) <= rank for name, rank in before.items())


def ranks(ranking: Ranking) -> dict[str, int]:
    return {
        item.project.signatory: item.rank for group in ranking.groups for item in group.standings
    }


SHEETS = """Signataire;Date de la fiche;Commune;Spécialité;Mode;Statut;Contrat signé le
S1;01/09/2012;Bobigny;médecine générale;libéral;en cours;01/10/2011
S1;01/09/2013;93008;Généraliste;libéral;en cours;01/10/2011
S2;01/10/2012;Bobigny;MG;libéral;en cours;01/10/2011
=S3;01/10/2012;Nulle-Part;MG;libéral;en cours;01/10/2011
S4;01/10/2012;Bobigny;MG;libéral;bientôt;01/10/2011
"""


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["conflits", *words])
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def test_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.csv").write_text(SHEETS, encoding="utf-8")
    Path("c.csv").write_text("zone;specialite;capacite\n93008;généraliste;1\n", encoding="utf-8")
    Path("d.csv").write_text(
        "zone;jour;signataires;motif\n93008;01/12/2013;S2;S1 y renonce\n", encoding="utf-8"
    )
    words = ["f.csv", "--le", "2014-01-01", "--capacites", "c.csv", "--decisions", "d.csv"]
    status, out, _ = run(capsys, *words, "--sortie", "o.xlsx", "--carte", "o.html")
    assert "S1" in Path("o.html").read_text(encoding="utf-8")
    assert status == 0
    assert "1. S1 : dans la zone depuis le 1er septembre 2012" in out
    assert "Décision du 1er décembre 2013 : S2 (S1 y renonce)" in out
    assert "bientôt" in out
    book = openpyxl.load_workbook("o.xlsx")
    assert book.sheetnames[:3] == ["Résumé", "Projets non classés", "Avertissement"]
    assert book["93008 médecine générale"]["I2"].value == "S1"
    run(capsys, *words, "--sortie", "o.csv")
    rows = list(csv.reader(io.StringIO(Path("o.csv").read_text("utf-8-sig")), delimiter=";"))
    assert any("'=S3" in row for row in rows)
    one = run(capsys, *words, "--json")[1]
    Path("f.csv").write_text(
        "\n".join([SHEETS.splitlines()[0], *reversed(SHEETS.splitlines()[1:])]), encoding="utf-8"
    )
    groups = [json.loads(text)["groups"] for text in (one, run(capsys, *words, "--json")[1])]
    for found in groups:
        assert [item["signatory"] for item in found[0]["ranking"]] == ["S1", "S2"]


@pytest.mark.parametrize(
    ("titles", "cells"),
    [
        ("N° signataire;Date de fiche;Ville;Spé", "S1;2013-01-01;Bobigny;mg"),
        ("Code signataire;Date;Commune d'installation;Spécialité envisagée",
         "S1;2013-01-01;Bobigny;mg"),
        ("id;identifiant_signataire;Date de la fiche de suivi;Nom de la commune;code_insee;Spé",
         "7;S1;2013-01-01 00:00:00;Paris;93008;mg"),
        ("N° dossier;date_fiche;Lieu d'exercice;Spécialité médicale",
         "S1;2013-01-01T00:00:00;Bobigny;mg"),
    ],
)  # fmt: skip
def test_titles_that_people_write(tmp_path: Path, titles: str, cells: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"Suivi CESP\n{titles}\n{cells}\n", encoding="utf-8")
    (sheet,) = read_sheets(path)
    assert (sheet.signatory, sheet.sheet_on, sheet.specialty) == ("S1", date(2013, 1, 1), "mg")
    assert sheet.place in ("Bobigny", "93008")


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("41275;Bobigny;;", "1er janvier 2013"),
        ("01/01/13;Bobigny;;", "deux chiffres"),
        ("2013-01-01;;2.44;", "il manque lat"),
        ("2013-01-01;;2.44;948.9", "coordonnées"),
        ("2013-01-01;;nan;48.9", "coordonnées"),
    ],
)
def test_cells_that_cannot_be_read(tmp_path: Path, cells: str, says: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"signataire;date_fiche;commune;lon;lat\nS1;{cells}\n", encoding="utf-8")
    (sheet,) = read_sheets(path)
    assert says in sheet.problem


def test_two_tabs_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    for name in ("2012", "2013"):
        tab = book.create_sheet(name)
        tab.append(["signataire", "date_fiche", "commune", "specialite"])
        tab.append(["S1", f"{name}-09-01", "Bobigny", "devin"])
    book.create_sheet("Autre").append(["Signature", "Ville"])
    book.save(tmp_path / "f.xlsx")
    out = run(capsys, str(tmp_path / "f.xlsx"), "--le", "2014-01-01")[1]
    assert "onglets non lus : Autre" in out
    assert "S1 (onglet 2013, ligne 2)" in out


def test_the_template_is_read_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "--modele", "m.xlsx")[0] == 0
    book = openpyxl.load_workbook("m.xlsx")
    sheet = book["Fiches de suivi"]
    titles = [cell.value for cell in sheet[1]]
    assert [item.type for item in sheet.data_validations.dataValidation].count("date") == 4
    rules = {
        next(iter(item.sqref.ranges)).min_col: item
        for item in sheet.data_validations.dataValidation
    }
    column = titles.index("specialite") + 1
    assert rules[column].type == "list"
    assert "médecine générale" in [row[column - 1] for row in book["Listes"].values]
    explained = {row[0] for row in book["Mode d'emploi"].iter_rows(2, values_only=True)}
    required = {row[0] for row in book["Mode d'emploi"].iter_rows(2, values_only=True)
                if str(row[1]).startswith("oui")}  # fmt: skip
    assert required == {"signataire", "date_fiche", "commune", "specialite"}
    assert explained == set(titles)
    for name, day in (("S1", date(2012, 9, 1)), ("S2", date(2013, 9, 1))):
        cells = {"signataire": name, "date_fiche": day, "commune": "Bobigny", "specialite": "mg"}
        sheet.append([cells.get(title) for title in titles])
    book.save("m.xlsx")
    status, out, _ = run(capsys, "m.xlsx", "--le", "2014-01-01")
    assert status == 0
    assert "1. S1" in out


def test_a_layer_of_points_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import geopandas as gpd

    path = tmp_path / "f.gpkg"
    frame = gpd.GeoDataFrame(
        {
            "signataire": ["S1", "S2"],
            "date_fiche": ["2012-09-01", "2013-09-01"],
            "specialite": ["mg", "mg"],
        },
        geometry=gpd.points_from_xy([2.4397, 2.4400], [48.9068, 48.9070]),
        crs="EPSG:4326",
    ).to_crs("EPSG:2154")
    frame.to_file(path, engine="pyogrio")
    status, out, _ = run(capsys, str(path), "--le", "2014-01-01", "--zone", "commune")
    assert status == 0
    assert "Bobigny (93008)" in out


def test_an_answer_says_what_it_was_made_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "Code signataire;Date;Ville;Avancement;Couleur;Installation\n"
        "S1;2013-01-01;Bobigny;en cours;bleu;2015-01-01\n"
        "S2;2013-01-01;Bobigny;retiré;rouge;2015-01-01\n"
        "S3;2013-01-01;Drancy;en cours;vert;2030-01-01\n",
        encoding="utf-8",
    )
    words = [str(path), "--le", "2014-01-01", "--zone", "commune", "--horizon", "24m"]
    found = json.loads(run(capsys, *words, "--json")[1])
    asked = found["asked"]
    assert (asked["zone_level"], asked["horizon_months"], asked["longest_gap_months"]) == (
        "commune", 24, 18,
    )  # fmt: skip
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert asked["files"] == [{"name": "f.csv", "sha256": digest}]
    assert found["program_version"]
    assert [item["signatory"] for item in found["undetermined"]] == ["S1"]
    assert [(item["signatory"], item["line"]) for item in found["beyond_horizon"]] == [("S3", 4)]
    out = run(capsys, *words)[1]
    assert "colonnes non lues : Couleur" in out
    assert "sans colonne specialite" in out
    run(capsys, *words, "--sortie", str(tmp_path / "o.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "o.xlsx")
    said = "\n".join(str(row[0]) for row in book["Avertissement"].iter_rows(values_only=True))
    assert digest in said
    assert "Couleur" in said
    assert "horizon : 24 mois" in said


def test_the_flat_table_holds_every_project_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, target = tmp_path / "f.csv", tmp_path / "o.csv"
    path.write_text(
        "signataire;date_fiche;commune;specialite;installation_prevue\n"
        "S1;2013-01-01;Bobigny;mg;2014-06-01\n"
        "S2;2013-01-01;Bobigny;devin;2014-06-01\n"
        "S3;2013-01-01;Drancy;mg;2014-06-01\n"
        "S4;2013-01-01;Drancy;mg;2030-06-01\n"
        "S5;2013-01-01;Nulle-Part;mg;2014-06-01\n",
        encoding="utf-8",
    )
    run(capsys, str(path), "--le", "2014-01-01", "--horizon", "24m", "--sortie", str(target))
    with target.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert {row["signataire"]: row["place"] for row in rows} == {
        "S1": "nul n'est écarté", "S2": "indéterminé", "S3": "seul",
        "S4": "au-delà de l'horizon", "S5": "indéterminé",
    }  # fmt: skip
    assert len(rows) == 5


def test_a_made_up_register_is_read_and_ranked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Path(__file__).parents[2] / "scripts" / "make_register.py"
    for name in ("a.csv", "b.csv"):
        subprocess.run([sys.executable, script, tmp_path / name, "60"], check=True)
    path = tmp_path / "a.csv"
    assert path.read_bytes() == (tmp_path / "b.csv").read_bytes()
    sheets = read_sheets(path)
    assert not any(sheet.problem for sheet in sheets)
    assert all(s.applied_on and s.sheet_on and s.applied_on <= s.sheet_on for s in sheets)
    found = json.loads(
        run(capsys, str(path), "--le", "2020-01-01", "--zone", "departement", "--json")[1]
    )
    assert found["asked"]["remarks"] == []
    assert found["groups"]


def test_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "signataire;date_fiche;commune;specialite\n"
        + "".join(
            f"S{number % 7};{2012 + number % 2}-01-0{1 + number % 3};{place};{specialty}\n"
            for number, (place, specialty) in enumerate(
                product(("Bobigny", "93008", "Drancy", "Nulle-Part", "Paris (75)"), ("mg", "", "x"))
            )
        ),
        encoding="utf-8",
    )
    made = set()
    for seed in ("0", "1", "42"):
        code = "from cesp_geo.cli import main; main()"
        words = ["conflits", str(path), "--le", "2014-01-01", "--json"]
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        )
        assert done.stderr == b""
        made.add(done.stdout)
    assert len(made) == 1
    assert b"S1" in made.pop()


@pytest.mark.parametrize(
    ("sheets", "words", "says"),
    [
        ("date_fiche;commune\n2013-01-01;Bobigny\n", [], "signataire"),
        ("signataire;nom;date_fiche;commune\nS1;Durand;;Bobigny\n", [], "--garder-noms"),
        ("signataire;date_fiche;commune\n", [], "aucune ligne"),
        (SHEETS, ["--horizon", "bientôt"], "24m"),
        ("signataire;commune\nS1;Bobigny\n", [], "date_fiche"),
        (
            "signataire;date de fiche;date de suivi;commune\nS1;2013-01-01;;Bobigny\n",
            [],
            "« date de fiche » et « date de suivi »",
        ),
        (SHEETS, ["--zone", "canton"], "departement"),
        (SHEETS, ["--capacites", "c.csv"], "ligne 2"),
        (SHEETS, ["--decisions", "d.csv"], "ligne 2"),
        (SHEETS, ["--decisions", "e.csv"], "signataires est vide"),
        (SHEETS, ["--sortie", "o.doc"], ".xlsx"),
    ],
)
def test_bad_input(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    sheets: str,
    words: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.csv").write_text(sheets, encoding="utf-8")
    Path("c.csv").write_text("zone;capacite\n93008;beaucoup\n", encoding="utf-8")
    Path("d.csv").write_text("zone;jour;signataires;motif\n93008;;S1;x\n", encoding="utf-8")
    Path("e.csv").write_text("zone;jour;signataires;motif\n93008;01/12/2013;;x\n", encoding="utf-8")
    status, _, err = run(capsys, "f.csv", "--le", "2014-01-01", *words)
    assert status == 2
    assert says in err
    assert err.count("\n") == 1


def test_every_wrong_row_is_named_and_none_is_dropped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "signataire;date_fiche;commune;specialite;contrat_signe_le;demande_le;mode\n"
        "A;01/01/2008;Bobigny;mg;;;\n"
        "B;31/02/2013;Bobigny;mg;;;\n"
        "C;01/01/2015;Bobigny;mg;;;\n"
        "D;01/01/2013;Bobigny;mg;01/01/2012;;\n"
        "D;01/01/2014;Bobigny;mg;01/02/2012;;\n"
        "F;01/01/2013;Bobigny;mg;;;télépathie\n"
        ";01/01/2013;Bobigny;mg;;;\n",
        encoding="utf-8",
    )
    status, out, _ = run(capsys, str(path), "--le", "2014-01-01", "--json")
    found = {item["signatory"]: item["reason"] for item in json.loads(out)["undetermined"]}
    assert status == 3
    for name, words in {
        "A": "précède le CESP", "B": "n'existe pas", "C": "aucune fiche", "D": "deux jours",
        "F": "télépathie", "ligne 8": "signataire",
    }.items():  # fmt: skip
        assert words in found[name]


def test_a_crowded_zone_stays_short_its_notes_are_said_once(tmp_path: Path) -> None:
    crowd = [project(f"S{n:04d}", date(2022, 9, 1 + n % 28)) for n in range(4000)]
    ranking = rank_projects(crowd, ON)
    (note,) = ranking.groups[0].notes
    assert "S0000, " in note
    assert "et 3990 autres" in note
    write_ranking(ranking, tmp_path / "r.csv")
    text = (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    assert text.count("même lieu") == 1
    assert len(text) < 2_000_000
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert "même lieu" in rows[0]["a_verifier"]
    write_ranking(ranking, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx", read_only=True)
    assert any("même lieu" in str(row) for row in book["Résumé"].iter_rows(values_only=True))
    book.close()
