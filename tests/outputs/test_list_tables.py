"""The files of the national list: what each row, and each file, says of itself."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from made_up import catalogue_of

from cesp_geo import communes
from cesp_geo.cli import main
from cesp_geo.outputs.list_tables import list_layer, statements, write_list
from cesp_geo.siting.national_list import NationalList, national_list
from cesp_geo.zonings.catalogue import Catalogue

ORDERS = [
    {"region": "11", "effet": "2019-01-01", "classes": {"93066": "ZIP", "93059": "ZIP"}},
    {"region": "11", "effet": "2021-06-01", "classes": {"93066": "HZ", "93059": "HZ"}},
]


@pytest.fixture(scope="module")
def replayed() -> tuple[NationalList, Catalogue]:
    catalogue = catalogue_of(ORDERS)
    listed = national_list(catalogue, date(2025, 6, 1), years=5)
    few = tuple(item for item in listed.places if item.departement == "93")
    return replace(listed, places=few), catalogue


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "gpkg", "geojson", "parquet"])
def test_a_replay_is_no_law_in_any_row(
    tmp_path: Path, suffix: str, replayed: tuple[NationalList, Catalogue]
) -> None:
    target = tmp_path / f"liste.{suffix}"
    write_list(*replayed, target)
    if suffix == "csv":
        remarks = pd.read_csv(target, sep=";", dtype=str)["remarque"]
    elif suffix == "xlsx":
        remarks = pd.read_excel(target, sheet_name="Île-de-France", dtype=str)["remarque"]
    elif suffix == "parquet":
        remarks = gpd.read_parquet(target)["remarque"]
    else:
        remarks = gpd.read_file(target)["remarque"]
        said = pyogrio.read_info(target)["layer_metadata"]["DESCRIPTION"]
        assert "pas le droit" in said
    assert len(remarks)
    assert remarks.str.contains("5 ans au lieu de 3", regex=False).all()


@pytest.fixture(scope="module")
def early() -> NationalList:
    return national_list(Catalogue.load(), date(2013, 6, 1))


def test_rows_that_share_a_shape_say_so(early: NationalList) -> None:
    layer = list_layer(early, Catalogue.load())
    shared = layer[layer["remarque"].str.contains("Contour commun")]
    groups = communes.inseparable(early.published_on)
    assert set(shared["code"]) == groups.keys() & set(layer["code"])
    assert shared.geometry.to_wkb().duplicated(keep=False).all()


def test_a_workbook_says_what_no_order_and_no_count_tells(early: NationalList) -> None:
    said = dict(statements(early, Catalogue.load()))
    (regions,) = [words for what, words in said.items() if "sans arrêté connu" in what]
    assert "Grand Est" in regions
    assert "Île-de-France" not in regions
    (people,) = [words for what, words in said.items() if "population" in what]
    assert int(people) > 2000


def test_a_quarter_has_the_perimeter_that_its_version_brings(tmp_path: Path) -> None:
    square = shapely.box(2.42, 48.90, 2.44, 48.91)
    layer = gpd.GeoDataFrame(
        {"code_qp": ["QN09301M"], "zonage": ["ZIP"], "code_insee": ["93008"]},
        geometry=[square], crs="EPSG:4326",
    )  # fmt: skip
    layer.to_file(tmp_path / "qpv.gpkg")
    words = ["zonages", "importer", str(tmp_path / "qpv.gpkg"), "--effet-le", "2025-01-01"]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--region", "11", "--catalogue", str(tmp_path / "chez-moi")])
    assert ended.value.code == 0
    catalogue = Catalogue.load(tmp_path / "chez-moi")
    listed = national_list(catalogue, date(2025, 6, 1))
    found = list_layer(listed, catalogue).set_index("code")
    assert found.loc["QN09301M"].geometry.equals(square)


def test_what_no_order_and_no_count_tells_is_on_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "l.csv"
    with pytest.raises(SystemExit):
        main(["liste-nationale", "--publiee-le", "2013-06-01", "--sortie", str(target)])
    out = capsys.readouterr().out
    assert "Grand Est" in out.split("Régions sans arrêté connu")[1]
    assert "n'étant connue que depuis 2019" in out


@pytest.mark.parametrize(
    "words",
    [
        ["liste-nationale", "--publiee-le", "2021-03-05", "--liste-precedente", "{}"],
        ["liste-nationale", "--publiee-le", "2021-03-05", "--decisions", "{}"],
        ["liste-nationale", "--publiee-le", "2021-03-05", "--propositions", "{}"],
        ["impact", "{}", "--zonage", "idf-2012"],
        ["conflits", "{}", "--le", "2021-03-05"],
        ["verifier-lot", "{}", "--le", "2021-03-05"],
    ],
    ids=lambda words: " ".join(words[:1] + words[-2:-1]),
)
def test_an_output_is_never_one_of_the_inputs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("code\n93008\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([*(word.format(path) for word in words), "--sortie", str(path)])
    assert ended.value.code == 2
    assert "serait perdu" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == "code\n93008\n"
