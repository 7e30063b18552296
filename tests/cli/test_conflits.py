"""``conflits``: what it reads, what it writes, what it refuses."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from datetime import date
from itertools import product
from pathlib import Path

import openpyxl
import pytest

from cesp_geo.cli import main
from cesp_geo.inputs.sheets import read_sheets

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
