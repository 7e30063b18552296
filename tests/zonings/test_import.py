"""Official files come in: what is understood, what is refused, what is never half-written."""

import hashlib
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from cesp_geo.cli import main
from cesp_geo.dates import parse_day_range
from cesp_geo.errors import CespGeoError, TableError, UnsafeFile, ZoningError
from cesp_geo.siting.check import check_site
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.importing import About, Import, prepare
from cesp_geo.zonings.labels import read_label
from cesp_geo.zonings.readers.tables import read_table
from cesp_geo.zonings.tables import designations_from_csv, designations_to_csv

TODAY = date(2026, 11, 23)
ABOUT = About(effective=parse_day_range("2025-01-01"), regime="arrete-2017")


def bring(path: Path, about: About = ABOUT, **columns: str) -> Import:
    return prepare(read_table(path, columns), about, TODAY)


def classes(result: Import) -> dict[str, str]:
    return {
        item.unit_code: item.zone_class for draft in result.drafts for item in draft.designations
    }


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1_ZIP", ("ZIP", "whole")),
        ("2_ZAC", ("ZAC", "whole")),
        ("3_HZ", ("HZ", "whole")),
        ("4_ZAR", ("ZAR", "whole")),
        ("3_QPV_ZIP", ("ZIP", "part")),
        ("4_QPV_ZAC", ("ZAC", "part")),
        ("5_ZV", ("ZV", "whole")),
        ("6_HZ", ("HZ", "whole")),
        ("7_GQ_ZAC", ("ZAC", "part")),
        ("8_GQ_ZIP", ("ZIP", "part")),
        ("Zone d'intervention prioritaire", ("ZIP", "whole")),
        ("1 -Zone d'intervention prioritaire", ("ZIP", "whole")),
        ("2- Zone d'action complémentaire", ("ZAC", "whole")),
        ("Zone de vigilance", ("ZV", "whole")),
        ("Hors vivier", ("HZ", "whole")),
        ("Hors-vivier", ("HZ", "whole")),
        ("1_Tres_sous_dotee", ("TRES_SOUS_DOTEE", "whole")),
        ("5_Sur_dotee", ("SUR_DOTEE", "whole")),
        ("3_intermediaire", ("INTERMEDIAIRE", "whole")),
        ("5b_Non_prioritaire", ("NON_PRIORITAIRE", "whole")),
        ("NC", ("NC", "whole")),
        ("N/A - résultat non disponible", ("NC", "whole")),
        ("ZIP+", ("ZIP", "whole")),
        ("", ("NC", "whole")),
        ("Zone bleue", None),
    ],
)
def test_labels_seen_in_the_wild(raw: str, expected: tuple[str, str] | None) -> None:
    assert read_label(raw) == expected


def test_cartosante_csv(tmp_path: Path) -> None:
    path = write(
        tmp_path / "carto.csv",
        "CartoSanté - Zonage\nExtrait le 01/02/2025\nCode;Libellé;Zonage_MG\n"
        "50502;Saint-Lô;1_ZIP\n14118;Caen;3_HZ\n",
        "utf-8-sig",
    )
    assert classes(bring(path)) == {"50502": "ZIP", "14118": "HZ"}


def test_a_table_without_header_keeps_its_first_row(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "50502;ZIP\n14118;HZ\n50129;ZAC\n")
    assert classes(bring(path)) == {"50502": "ZIP", "14118": "HZ", "50129": "ZAC"}


DREES = [
    ["Nom du territoire de vie-santé", "Code du territoire de vie-santé", "Nom de la commune",
     "Code de la commune", "dansMaRegion", "Population", "Zonage"],
    ["Lézignan-Corbières", 11203, "Fabrezan", 11132, "oui", 1306, "ZAC"],
    ["Lézignan-Corbières", 11203, "Luc-sur-Orbieu", 11210, "oui", 1200, "ZAC"],
    ["Narbonne", 11262, "Narbonne", 11262, "oui", 57587, "Hors zonage"],
]  # fmt: skip


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_drees_application_and_its_tvs_codes_that_look_like_communes(tmp_path: Path) -> None:
    qpv = [
        ["Nom du QPV", "Code du QPV", "Population", "Zonage QPV", "Zonage du TVS"],
        ["Centre", "QN01101M", 1000, "ZIP", "ZAC"],
    ]
    result = bring(workbook(tmp_path / "drees.xlsx", {"TVS": DREES, "QPV": qpv}))
    assert classes(result) == {
        "11132": "ZAC", "11210": "ZAC", "11262": "HZ", "QN01101M": "ZIP",
    }  # fmt: skip
    held = {item.unit_code: item for draft in result.drafts for item in draft.designations}
    assert held["11132"].tvs_code == "11203"


def test_the_code_of_a_tvs_stands_beside_its_name(tmp_path: Path) -> None:
    head = "Code INSEE;Commune;TVS;libTVS;Zonage\n"
    rows = "93008;Bobigny;11203;Bobigny;ZIP\n93066;Saint-Denis;11262;Plaine;ZAC\n"
    (draft,) = bring(write(tmp_path / "t.csv", head + rows)).drafts
    found = [(item.tvs_code, item.tvs_name) for item in draft.designations]
    assert found == [("11203", "Bobigny"), ("11262", "Plaine")]


def test_a_table_of_tvs_needs_their_communes(tmp_path: Path) -> None:
    path = write(tmp_path / "tvs.csv", "Code TVS;Zonage\n11203;ZIP\n11262;ZAC\n")
    alone = bring(path)
    assert alone.drafts == []
    assert "Importez d'abord" in alone.problems[0]
    known = bring(workbook(tmp_path / "drees.xlsx", {"TVS": DREES})).drafts
    spread = prepare(read_table(path), ABOUT, TODAY, known)
    assert classes(spread) == {"11132": "ZIP", "11210": "ZIP", "11262": "ZAC"}
    items = spread.drafts[0].designations
    assert {item.designated_by for item in items} == {"tvs"}
    assert designations_from_csv(designations_to_csv(items), "t.csv") == tuple(items)
    assert {item.designated_by for draft in known for item in draft.designations} == {""}


def test_annex_with_several_codes_in_a_cell_and_lost_zeros(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Annexe 1"
    for row in (
        ["ARRÊTÉ n° 12"],
        [],
        ["TVS", "Codes INSEE", "Zonage"],
        ["Bresse", "1053, 01004", "Zone d'intervention prioritaire"],
        ["Bugey", 1033, "Zone d'action complémentaire"],
    ):
        sheet.append(row)
    path = tmp_path / "annexe.xlsx"
    book.save(path)
    assert classes(bring(path)) == {"01053": "ZIP", "01004": "ZIP", "01033": "ZAC"}


def test_names_and_postcodes_that_lost_their_zero(tmp_path: Path) -> None:
    path = write(
        tmp_path / "cp.csv",
        "Commune;Code postal;Zonage\nL'Abergement-Clémenciat;1400;ZIP\nNulle-Part;1400;ZAC\n",
    )
    result = bring(path)
    assert classes(result) == {"01001": "ZIP"}
    assert len(result.problems) == 1
    assert "ligne 3" in result.problems[0]


def test_qpv_tables(tmp_path: Path) -> None:
    path = write(tmp_path / "qpv.csv", "Code du QPV;Zonage QPV\nQN00401M;ZIP\nQN00402M;ZAC\n")
    (draft,) = bring(path, About(region="93", effective=parse_day_range("2025-01-01"))).drafts
    assert set(draft.by_subunit) == {"QN00401M", "QN00402M"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    lines = [["Code", "Libellé", "Zonage"], ["50502", "Saint-Lô", "Zone d'action complémentaire"]]
    text = "\n".join(separator.join(line) for line in lines)
    assert classes(bring(write(tmp_path / "t.csv", text, encoding))) == {"50502": "ZAC"}


def test_obsolete_codes_are_resolved_or_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "code;classe\n93066;ZIP\n93059;ZAC\n")
    assert bring(path).millesime == 2024
    result = bring(path, About(effective=ABOUT.effective, millesime=2025))
    assert classes(result) == {"93066": "ZIP"}
    assert "n'est qu'une partie de Saint-Denis" in result.problems[0]


@pytest.mark.parametrize(
    ("text", "about", "error", "says"),
    [
        ("code;classe\n50502;ZIP\n50502;HZ\n", ABOUT, TableError, "Lignes 2 et 3"),
        ("code;classe\n50502;ZIP\n", About(), ZoningError, "--effet-le"),
        (
            "code;classe\n50502;ZIP\n",
            About(region="93", effective=ABOUT.effective),
            ZoningError,
            "Normandie",
        ),
        ("a;b\nc;d\n", ABOUT, TableError, "--colonnes"),
        ("code;classe\n50502;ZIP\n", About(profession="devin"), ZoningError, "Profession inconnue"),
    ],
)
def test_bad_tables_are_refused(
    tmp_path: Path, text: str, about: About, error: type[CespGeoError], says: str
) -> None:
    with pytest.raises(error, match=says):
        bring(write(tmp_path / "t.csv", text), about)


def test_an_unknown_label_is_a_problem_not_a_class(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "code;classe\n50502;ZIP\n14118;ZIP\n50129;Zone bleue\n")
    result = bring(path)
    assert "50129" not in classes(result)
    assert "Zone bleue" in result.problems[0]


def hostile(folder: Path) -> dict[str, Path]:
    bomb = folder / "bombe.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "x")
        packed.writestr("xl/workbook.xml", "x")
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    nested = folder / "poupee.xlsx"
    with zipfile.ZipFile(nested, "w") as packed:
        packed.writestr("[Content_Types].xml", "x")
        packed.writestr("xl/workbook.xml", "x")
        packed.writestr("autre.zip", "x")
    archive = folder / "archive.xlsx"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.csv", "x")
    truncated = folder / "coupe.xlsx"
    truncated.write_bytes(bomb.read_bytes()[:200])
    return {
        "url": Path("https://exemple.fr/t.csv"),
        "vsi": Path("/vsicurl/exemple.csv"),
        "missing": folder / "absent.csv",
        "empty": write(folder / "vide.csv", ""),
        "image": _bytes(folder / "image.csv", b"\x89PNG\r\n\x1a\n" + b"\x00" * 20),
        "nul": _bytes(folder / "nul.csv", b"code;classe\n50502;ZIP\x00\n"),
        "vrt": write(folder / "t.geojson", "<OGRVRTDataSource></OGRVRTDataSource>"),
        "vrt as table": write(folder / "vrt.csv", "<OGRVRTDataSource></OGRVRTDataSource>"),
        "doctype": write(folder / "t.kml", "<?xml version='1.0'?><!DOCTYPE x><kml></kml>"),
        "bomb": bomb,
        "nested": nested,
        "archive": archive,
        "truncated": truncated,
        "workbook named csv": _bytes(folder / "classeur.csv", bomb.read_bytes()),
    }


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "url", "vsi", "missing", "empty", "image", "nul", "vrt", "vrt as table", "doctype", "bomb",
        "nested", "archive", "truncated", "workbook named csv",
    ],
)  # fmt: skip
def test_hostile_files_stay_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafeFile) as caught:
        read_table(hostile(tmp_path)[name])
    assert len(str(caught.value)) > 30


def test_a_cell_of_megabytes_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", f'code;classe\n50502;"{"x" * 40_000}"\n')
    with pytest.raises(TableError, match="ligne 2"):
        read_table(path)


def command(*words: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(["zonages", *words])
    return int(caught.value.code or 0)


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_import_by_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "chez-moi"
    table = str(write(tmp_path / "t.csv", "code;classe\n50502;ZIP\n14118;HZ\n"))
    options = [table, "--effet-le", "2025-01-01", "--catalogue", str(home)]
    assert command("importer", *options, "--simuler") == 0
    assert not home.exists()
    assert command("importer", *options) == 0
    before = tree(home)
    assert len(before) == 2
    assert command("importer", *options) == 0
    assert tree(home) == before
    other = str(write(tmp_path / "u.csv", "code;classe\n50502;HZ\n14118;HZ\n"))
    assert command("importer", other, *options[1:]) == 2
    assert "--rectifie" in capsys.readouterr().err
    assert tree(home) == before
    assert command("controler", "--catalogue", str(home)) == 0
    table_file = next(home.rglob("designations.csv"))
    table_file.write_text(table_file.read_text().replace("ZIP", "HZ"))
    assert command("controler", "--catalogue", str(home)) == 2


def test_one_bad_line_and_nothing_is_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "chez-moi"
    table = str(write(tmp_path / "t.csv", "code;classe\n50502;ZIP\n14118;HZ\n99999;ZIP\n"))
    options = [table, "--effet-le", "2025-01-01", "--catalogue", str(home)]
    assert command("importer", *options) == 2
    assert "ligne 4" in capsys.readouterr().err
    assert not home.exists()
    assert command("importer", *options, "--malgre-erreurs") == 0
    assert len(Catalogue.load(home).zonings) == 4


def test_a_gap_is_filled_by_the_order_of_the_same_day(tmp_path: Path) -> None:
    catalogue = Catalogue.load(tmp_path / "chez-moi")
    path = write(tmp_path / "t.csv", "code;classe\n93008;ZIP\n")
    about = About(signed=parse_day_range("2018-03-06"), regime="arrete-2017")
    catalogue.add(bring(path, about).drafts)
    assert [entry.is_gap for entry in catalogue.timeline("11")][2] is False
    assert check_site("Bobigny", on="2019-01-01", catalogue=catalogue).verdict == "eligible"


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    from conftest import REALDATA

    if not REALDATA.is_dir():
        pytest.skip("les données réelles (shared/realdata) ne sont pas à côté du projet")
    catalogue = Catalogue.load(tmp_path_factory.mktemp("national"))
    result = bring(
        REALDATA / "zonage_medecin_early2025_by_commune.csv", code="code", classe="Zonage"
    )
    assert result.problems == []
    catalogue.add(result.drafts)
    return catalogue


def test_the_national_table_of_early_2025(national: Catalogue) -> None:
    counts = Counter(
        item.zone_class
        for zoning in national.zonings.values()
        if zoning.order.takes_effect.first == date(2025, 1, 1)
        for item in zoning.designations
    )
    assert counts == {"ZIP": 13_623, "ZAC": 16_708, "HZ": 3_052, "ZAR": 1_503, "NC": 26}


@pytest.mark.parametrize(
    ("place", "verdict"),
    [
        ("29151", "eligible"),
        ("11262", "not_eligible"),
        ("59512", "not_eligible"),
        ("08105", "undetermined"),
        ("Carhaix-Plouguer", "eligible"),
        ("Rennes", "not_eligible"),
        ("97411", "undetermined"),
    ],
)
def test_verdicts_of_early_2025(national: Catalogue, place: str, verdict: str) -> None:
    assert check_site(place, on="2025-03-01", catalogue=national).verdict == verdict


def test_datasante_rows_by_profession_region_and_order(realdata: Path) -> None:
    result = prepare(read_table(realdata / "datasante_zonages_com_sample.csv"), About(), TODAY)
    versions = {
        (item.profession, item.region, item.order.takes_effect.iso): Counter(
            unit.zone_class for unit in item.designations
        )
        for item in result.drafts
    }
    assert len(versions) == 12
    assert versions["medecin", "76", "2025-10-30"] == {"ZAC": 1, "ZAR": 2}
    assert versions["medecin", "06", "2023-06-05"] == {"ZIP": 1}
    assert all(item.scope == "units" for item in result.drafts)
    assert {item.as_of for item in result.drafts} == {date(2026, 7, 30)}


def test_a_full_disk_leaves_the_catalogue_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is simulated at the last step: nothing of the import remains."""
    import os

    home = tmp_path / "chez-moi"
    catalogue = Catalogue.load(home)
    first = bring(write(tmp_path / "t.csv", "code;classe\n50502;ZIP\n35238;ZAC\n"))
    assert len(first.drafts) == 2
    rename, done = os.rename, []

    def full(*names: object) -> None:
        if done:
            raise OSError(28, "No space left on device")
        done.append(names)
        rename(*names)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(CespGeoError, match="Rien n'a été enregistré"):
        catalogue.add(first.drafts)
    assert tree(home) == {}


def test_a_workbook_of_a_million_empty_rows_is_read_without_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["code", "classe"], ["50502", "ZIP"], ["14118", "HZ"]):
        sheet.append(row)
    sheet.cell(1_048_576, 1).value = ""
    path = tmp_path / "vide.xlsx"
    book.save(path)
    assert classes(bring(path)) == {"50502": "ZIP", "14118": "HZ"}


def test_formulas_are_not_run(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "f.xlsx",
        {"A": [["code", "classe"], ["50502", "ZIP"], ["14118", "HZ"], ["=1+1", '=HYPERLINK("x")']]},
    )
    with pytest.raises(TableError, match="cellule A4"):
        bring(path)


def test_merged_cells_hold_their_value_and_blank_ones_hold_none(tmp_path: Path) -> None:
    """A blank class beside a code is no class, and never that of the line above."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Code", "Classe"],
        ["50502", "ZIP"],
        ["14118", None],
        ["50129", "ZAC"],
        ["35238", None],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    path = tmp_path / "fusion.xlsx"
    book.save(path)
    assert classes(bring(path)) == {"50502": "ZIP", "14118": "ZIP", "50129": "ZAC", "35238": "NC"}


def test_quarters_of_the_national_table_override_their_commune(tmp_path: Path) -> None:
    header = (
        "source,date_maj,niveau,code,lib,com_code,com_lib,com_region,pop,tvs_region,tvs_code,"
        "tvs_lib,zmed_niveau,zmed_date_arrete\n"
    )
    line = "D,30/07/2026,{},{},{},11262,Narbonne,Occitanie,1 000,Occitanie,11262,N,{},30/10/2025\n"
    path = write(
        tmp_path / "qpv.csv",
        header
        + line.format("COM", "11262", "Narbonne", "6_HZ")
        + line.format("QPV", "QN01106M", "Razimbaud", "1_ZIP")
        + line.format("GQ", "1126201", "Centre", "2_ZAC"),
    )
    (draft,) = bring(path, About()).drafts
    assert {item.unit_code: item.unit_type for item in draft.designations} == {
        "11262": "commune",
        "QN01106M": "qpv",
        "1126201": "grand_quartier",
    }
    assert draft.by_subunit["QN01106M"].commune_codes == ("11262",)


def test_the_steps_of_contributing_can_be_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """CONTRIBUTING.md, "Ajouter un zonage", with its own words."""
    guide = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    steps = guide.split("## Ajouter un zonage")[1].split("\n## ")[0]
    table = str(write(tmp_path / "arrete.csv", "INSEE;Zonage retenu\n50502;ZIP\n14118;HZ\n"))
    home = ["--catalogue", str(tmp_path / "moi")]
    for words in (
        ["importer", table, "--effet-le", "2025-01-01", "--simuler"],
        ["importer", table, "--effet-le", "2025-01-01", "--colonnes",
         "code=INSEE,classe=Zonage retenu", "--source", "ARS", "--licence", "publique",
         "--arrete", "2025-1", "--lien", "https://exemple.fr/raa.pdf", "--complet"],
        ["controler"],
    ):  # fmt: skip
        for word in words:
            assert not word.startswith("--") or word in steps, word
        assert command(*words, *home) == 0
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["verifier", "Saint-Lô", "--le", "2025-06-01", *home])
    assert capsys.readouterr().out.startswith("✔ ÉLIGIBLE")
    (zoning,) = (
        item for item in Catalogue.load(tmp_path / "moi").zonings.values() if item.region == "28"
    )
    assert zoning.sources[0].href == "https://exemple.fr/raa.pdf"
    refused = ["importer", table, "--effet-le", "2025-01-01", "--lien", "javascript:1", *home]
    assert command(*refused) == 2


def imported(tmp_path: Path, text: str, *words: str) -> Catalogue:
    """The catalogue after one import by the command line."""
    home = tmp_path / "chez-moi"
    table = write(tmp_path / "t.csv", text)
    assert command("importer", str(table), *words, "--catalogue", str(home)) == 0
    return Catalogue.load(home)


PACA_2024 = ["--region", "93", "--signe-le", "2024-03-05"]


@pytest.mark.parametrize(
    "text",
    [
        "code_qp;zonage;code_insee\nQN00499M;ZV;04070\nQN00498M;HZ;4112 / 04070\n",
        "code_insee;code_qp;zonage\n04070;QN00499M;ZV\n04112, 04070;QN00498M;HZ\n",
        "QPV;Communes;Classe\nQN00499M;04070;ZV\nQN00498M;04070 04112;HZ\n",
        "QPV;Insee;Classe\nQN00499M;04070;ZV\nQN00498M;04070;HZ\nQN00498M;04112;HZ\n",
        "com_code;QPV;Classe\n04070;QN00499M;ZV\n04070 04112;QN00498M;HZ\n",
    ],
)
def test_the_communes_of_quarters_are_read_beside_them(tmp_path: Path, text: str) -> None:
    (draft,) = bring(write(tmp_path / "t.csv", text)).drafts
    assert {code: item.commune_codes for code, item in draft.by_subunit.items()} == {
        "QN00499M": ("04070",),
        "QN00498M": ("04070", "04112"),
    }


def test_a_line_without_quarter_is_that_of_its_commune(tmp_path: Path) -> None:
    text = "insee;qpv;classe\n04070;;ZIP\n04070;QN00499M;ZV\n04112;;HZ\n04112;QN00498M;HZ\n"
    found = classes(bring(write(tmp_path / "t.csv", text)))
    assert found == {"04070": "ZIP", "QN00499M": "ZV", "04112": "HZ", "QN00498M": "HZ"}


def test_the_column_of_communes_can_be_named(tmp_path: Path) -> None:
    text = "quartier;retenu;ville\nQN00499M;ZV;04070\n"
    path = write(tmp_path / "t.csv", text)
    (draft,) = bring(path, code="quartier", classe="retenu", communes="ville").drafts
    assert draft.by_subunit["QN00499M"].commune_codes == ("04070",)


def test_the_communes_of_a_quarter_are_taken_from_another_version(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "code;classe\n04070;ZIP\nQN00401M;ZV\n"
    catalogue = imported(tmp_path, text, *PACA_2024)
    assert "communes reprises de paca-qpv-2026 pour QN00401M" in capsys.readouterr().out
    verdicts = {
        place: check_site(place, on="2024-06-01", catalogue=catalogue).verdict
        for place in ("QN00401M", "04070")
    }
    assert verdicts == {"QN00401M": "not_eligible", "04070": "undetermined"}


def test_a_quarter_placed_nowhere_is_not_recorded_in_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = str(write(tmp_path / "t.csv", "code;classe\n04070;ZIP\nQN00499M;ZV\n"))
    home = tmp_path / "chez-moi"
    options = [table, *PACA_2024, "--catalogue", str(home)]
    assert command("importer", *options) == 0
    warning = capsys.readouterr().out.splitlines()[-1]
    assert warning.startswith("ATTENTION")
    assert "QN00499M" in warning
    assert "« communes »" in warning
    assert command("controler", "--catalogue", str(home)) == 0


IDF_2018 = ["--region", "11", "--signe-le", "2018-03-06"]


def test_the_millesime_is_that_of_the_order(tmp_path: Path) -> None:
    """93059 joined 93066 in 2025: an order of 2018 that names 93066 alone says nothing of it."""
    text = "code;classe\n77511;ZIP\n75118;ZAC\n93008;ZIP\n93066;ZIP\n93001;ZIP\n"
    catalogue = imported(tmp_path, text, *IDF_2018)
    (zoning,) = (item for item in catalogue.zonings.values() if item.id.startswith("11-"))
    assert zoning.millesime == 2018
    assert check_site("93059", on="2020-03-06", catalogue=catalogue).verdict == "undetermined"


def test_codes_older_than_the_order_are_said(tmp_path: Path) -> None:
    about = About(effective=parse_day_range("2026-02-01"))
    result = bring(write(tmp_path / "t.csv", "code;classe\n93059;ZIP\n93066;ZIP\n"), about)
    assert result.millesime == 2024
    assert "millésime 2024, antérieur à l'arrêté (2026)" in result.notes[0]


def test_codes_younger_than_the_order_need_their_millesime(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lieoux (31300) was parted from its neighbour in 2008."""
    text = "code;classe\n31300;ZIP\n31555;ZIP\n"
    table = str(write(tmp_path / "t.csv", text))
    order = ["--region", "76", "--signe-le", "2007-06-01"]
    assert command("importer", table, *order, "--simuler") == 2
    assert "2009, 2010" in capsys.readouterr().err
    imported(tmp_path, text, *order, "--cog", "2010")


@pytest.mark.parametrize(("year", "status"), [("2004", 2), ("2005", 0), ("2018", 0), ("2099", 2)])
def test_every_known_year_is_a_millesime(tmp_path: Path, year: str, status: int) -> None:
    table = str(write(tmp_path / "t.csv", "code;classe\n93008;ZIP\n"))
    assert command("importer", table, *IDF_2018, "--cog", year, "--simuler") == status


def test_two_files_of_one_order_complete_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path, "code;classe\n04070;ZV\n", "--region", "93", "--signe-le", "2026-01-05")
    assert "complète paca-qpv-2026" in capsys.readouterr().out
