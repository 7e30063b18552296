"""Layers of polygons come in and go out, and their perimeters answer for points."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from made_up import catalogue_of
from shapely import affinity

from cesp_geo import communes
from cesp_geo.dates import parse_day_range
from cesp_geo.errors import CespGeoError, TableError, UnsafeFile
from cesp_geo.outputs.layers import write_layer
from cesp_geo.siting.check import check_site
from cesp_geo.siting.nearest import nearest_eligible
from cesp_geo.siting.place import resolve
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.importing import About, prepare
from cesp_geo.zonings.readers.layers import read_layer
from cesp_geo.zonings.readers.tables import read_table

TODAY = date(2026, 11, 23)
ABOUT = About(effective=parse_day_range("2024-01-01"), regime="arrete-2017", millesime=2024)
CENTRE = (-1.0907, 49.1157)
FORMATS = [".gpkg", ".geojson", ".fgb", ".parquet", ".shp", ".kml"]


def quarter() -> gpd.GeoDataFrame:
    """A free zone of some 700 m around the centre of Saint-Lô, and the commune itself."""
    commune = communes.polygon(communes.by_code("50502", date(2024, 1, 1)).elits)
    return gpd.GeoDataFrame(
        {
            "code": ["50502", "QN05001X"],
            "nom": ["Saint-Lô", "Val Saint-Jean"],
            "classe": ["HZ", "ZIP"],
        },
        geometry=[commune, shapely.Point(CENTRE).buffer(0.005)],
        crs="EPSG:4326",
    )


def save(frame: gpd.GeoDataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        driver = {"driver": "KML"} if path.suffix == ".kml" else {}
        frame.to_file(path, engine="pyogrio", **driver)
    return path


def brought(path: Path, home: Path, crs: str | None = None) -> Catalogue:
    catalogue = Catalogue.load(home)
    result = prepare(read_layer(path, crs=crs), ABOUT, TODAY)
    assert result.problems == []
    catalogue.add(result.drafts, result.perimeters)
    return Catalogue.load(home)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2154"])
def test_a_perimeter_answers_for_points(tmp_path: Path, suffix: str, crs: str) -> None:
    frame = quarter() if suffix in (".kml", ".geojson") else quarter().to_crs(crs)
    if suffix == ".kml":
        frame = frame.rename(columns={"nom": "Name"})
    catalogue = brought(save(frame, tmp_path / f"couche{suffix}"), tmp_path / "chez-moi")
    inside = check_site(CENTRE, on="2025-01-01", catalogue=catalogue)
    outside = check_site((CENTRE[0] + 0.012, CENTRE[1]), on="2025-01-01", catalogue=catalogue)
    edge = check_site((CENTRE[0] + 0.0052, CENTRE[1]), on="2025-01-01", catalogue=catalogue)
    whole = check_site("Saint-Lô", on="2025-01-01", catalogue=catalogue)
    assert (inside.verdict, inside.zone_class) == ("eligible", "ZIP")
    assert (outside.verdict, outside.zone_class) == ("not_eligible", "HZ")
    assert (edge.verdict, edge.reason_code) == ("undetermined", "near_border")
    assert (whole.verdict, whole.reason_code) == ("undetermined", "subunits_differ")
    assert check_site("QN05001X", on="2025-01-01", catalogue=catalogue).verdict == "eligible"


def test_an_eligible_quarter_is_an_alternative_to_its_commune(tmp_path: Path) -> None:
    catalogue = brought(save(quarter(), tmp_path / "couche.gpkg"), tmp_path / "chez-moi")
    day = date(2025, 1, 1)
    outside = resolve((CENTRE[0] + 0.03, CENTRE[1]), day, catalogue)
    (found,) = nearest_eligible(outside, day, catalogue)
    assert (found.code, found.name, found.zone_class) == ("QN05001X", "Val Saint-Jean", "ZIP")
    assert found.distance_m == pytest.approx(0.025 * 111_320 * 0.6545, rel=0.01)


def test_the_same_layer_is_the_same_version(tmp_path: Path) -> None:
    path = save(quarter(), tmp_path / "couche.gpkg")
    first = prepare(read_layer(path), ABOUT, TODAY).drafts
    again = prepare(read_layer(path), ABOUT, TODAY).drafts
    assert [item.id for item in first] == [item.id for item in again]


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".parquet", ".shp", ".csv"])
def test_what_is_exported_can_be_imported_again(tmp_path: Path, suffix: str) -> None:
    catalogue = Catalogue.load()
    zoning = catalogue.zoning("idf-2012")
    path = tmp_path / f"sortie{suffix}"
    write_layer(catalogue.layer("idf-2012"), path)
    reading = read_table(path) if suffix == ".csv" else read_layer(path)
    about = About(signed=zoning.order.signed, millesime=2012, region="11", regime="sros")
    (draft,) = prepare(reading, about, TODAY).drafts
    assert set(draft.designations) == set(zoning.designations)


def test_perimeters_survive_export_and_import(tmp_path: Path) -> None:
    catalogue = brought(save(quarter(), tmp_path / "couche.gpkg"), tmp_path / "a")
    own = next(name for name in catalogue.zonings if name.startswith("28-"))
    path = tmp_path / "sortie.gpkg"
    write_layer(catalogue.layer(own), path)
    again = brought(path, tmp_path / "b")
    assert own in again.zonings


def spoiled(folder: Path) -> dict[str, Path]:
    good = save(quarter(), folder / "bonne.gpkg")
    truncated = folder / "coupee.gpkg"
    truncated.write_bytes(good.read_bytes()[: good.stat().st_size // 3])
    flipped = folder / "alteree.gpkg"
    content = bytearray(good.read_bytes())
    for at in range(100, len(content), 97):
        content[at] ^= 0xFF
    flipped.write_bytes(content)
    swapped = quarter()
    swapped["geometry"] = swapped.geometry.map(
        lambda shape: affinity.affine_transform(shape, [0, 1, 1, 0, 0, 0])
    )
    wrong = quarter().to_crs("EPSG:2154").set_crs("EPSG:4326", allow_override=True)
    lost = quarter().set_crs(None, allow_override=True)
    plain = quarter().drop(columns=["classe"])
    nowhere = gpd.GeoDataFrame(
        {"code": ["x"], "classe": ["ZIP"]},
        geometry=[shapely.Polygon([(0, 0), (1, 0), (float("inf"), 1), (0, 0)])],
        crs="EPSG:4326",
    )
    empty = quarter().iloc[:0]
    return {
        "truncated": truncated,
        "flipped bytes": flipped,
        "swapped": save(swapped, folder / "echangee.gpkg"),
        "wrong crs": save(wrong, folder / "fausse.gpkg"),
        "no crs": save(lost, folder / "sans.fgb"),
        "no class": save(plain, folder / "sans_classe.gpkg"),
        "infinite": save(nowhere, folder / "infinie.gpkg"),
        "empty": save(empty, folder / "vide.gpkg"),
    }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("truncated", UnsafeFile, "abîmée"),
        ("flipped bytes", CespGeoError, ""),
        ("swapped", TableError, "échangées"),
        ("wrong crs", TableError, "sort de France"),
        ("no crs", TableError, "--crs"),
        ("no class", TableError, "classe"),
        ("infinite", TableError, "infinies"),
        ("empty", TableError, "aucun polygone"),
    ],
)
def test_spoiled_layers_are_refused_in_words(
    tmp_path: Path, name: str, error: type[CespGeoError], says: str
) -> None:
    with pytest.raises(error, match=says):
        read_layer(spoiled(tmp_path)[name])


def test_a_crossed_ring_is_repaired_and_said(tmp_path: Path) -> None:
    frame = quarter()
    x, y = CENTRE
    bow = shapely.Polygon([(x, y), (x + 0.01, y + 0.01), (x + 0.01, y), (x, y + 0.01), (x, y)])
    frame.loc[1, "geometry"] = bow
    reading = read_layer(save(frame, tmp_path / "croisee.gpkg"))
    assert "réparés : objets 2" in reading.notes[0]
    assert all(row.geometry is None or row.geometry.is_valid for row in reading.rows)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_layer_without_crs_is_read_where_it_is_told(tmp_path: Path) -> None:
    frame = quarter().to_crs("EPSG:2154").set_crs(None, allow_override=True)
    path = save(frame, tmp_path / "sans.fgb")
    catalogue = brought(path, tmp_path / "chez-moi", crs="EPSG:2154")
    assert check_site(CENTRE, on="2025-01-01", catalogue=catalogue).verdict == "eligible"


@pytest.mark.parametrize("by", ["classe", "departement"])
def test_a_dissolved_layer_covers_the_same_land(by: str) -> None:
    catalogue = Catalogue.load()
    layer, joined = catalogue.layer("idf-2012"), catalogue.layer("idf-2012", by=by)
    assert joined["units"].sum() == len(layer)
    assert shapely.area(joined.geometry.to_numpy()).sum() == pytest.approx(
        shapely.area(layer.geometry.to_numpy()).sum()
    )
    assert joined.geometry.is_valid.all()
    sure = joined[(joined["certainty"] == "confirmed") & (joined["extent"] == "whole")]
    assert 0 < sure["units"].sum() < len(layer)
    if by == "departement":
        assert set(joined["departement"]) == {"75", "77", "78", "91", "92", "93", "94", "95"}


def test_a_layer_joins_the_communes_of_a_tvs() -> None:
    order = {"region": "28", "effet": "2025-01-01", "id": "t"}
    classes, tvs = {"50502": "ZIP", "50129": "ZIP", "14118": "HZ"}, {"50502": "1", "50129": "1"}
    joined = catalogue_of([{**order, "classes": classes, "tvs": tvs}]).layer("t", by="tvs")
    assert dict(zip(joined["tvs_code"], joined["units"], strict=True)) == {"": 1, "1": 2}


def test_a_version_that_says_no_tvs_is_not_grouped_by_them() -> None:
    with pytest.raises(CespGeoError, match="territoire de vie-santé"):
        Catalogue.load().layer("idf-2012", by="tvs")


def test_an_unknown_grouping_is_refused() -> None:
    with pytest.raises(CespGeoError, match="departement"):
        Catalogue.load().layer("idf-2012", by="humeur")


def test_a_folder_without_permission_or_space_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is simulated: the write fails as the system would."""
    layer = Catalogue.load().layer("idf-2005")

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gpd.GeoDataFrame, "to_parquet", full)
    with pytest.raises(CespGeoError, match="disque est plein"):
        write_layer(layer, tmp_path / "sortie.parquet")
    assert list(tmp_path.iterdir()) == []
