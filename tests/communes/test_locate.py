"""From points to communes: against brute force, borders, seas and groups."""

import csv
import math
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cesp_geo import communes
from cesp_geo.communes.locate import all_shapes, metres
from cesp_geo.errors import OutsideTerritory


def test_shapes_are_one_clean_coverage() -> None:
    """No two shapes overlap, and no crack runs between neighbours."""
    geometries = all_shapes()
    assert shapely.is_valid(geometries).all()
    assert shapely.coverage_is_valid(geometries)


def test_gaps_inside_the_territory_are_small_water() -> None:
    """Holes of the whole: foreign enclaves (Llívia) and tidal water, measured in Lambert-93."""
    metropole = all_shapes()[shapely.get_coordinates(shapely.centroid(all_shapes()))[:, 1] > 40]
    whole = shapely.coverage_union_all(metropole)
    rings = [shapely.Polygon(ring) for part in shapely.get_parts(whole) for ring in part.interiors]
    areas = gpd.GeoSeries(rings, crs="EPSG:4326").to_crs("EPSG:2154").area
    llivia = areas[areas > 5e6]
    print(f"vides : {areas.sum() / 1e6:.2f} km², dont enclaves {llivia.sum() / 1e6:.2f} km²")
    assert len(llivia) <= 1
    assert areas.sum() - llivia.sum() < 1e6


@pytest.mark.parametrize("year", [2012, 2019, 2024, 2026])
def test_shapes_of_a_day_cover_the_territory(year: int) -> None:
    frame = communes.shapes(date(year, 1, 1))
    total = shapely.area(all_shapes()).sum()
    assert shapely.area(frame.geometry.to_numpy()).sum() == pytest.approx(total, rel=1e-12)
    assert shapely.coverage_is_valid(frame.geometry.to_numpy())


def test_points_are_where_brute_force_puts_them() -> None:
    geometries = all_shapes()
    random = np.random.default_rng(7)
    lon, lat = random.uniform(-5, 9, 400), random.uniform(42, 51, 400)
    day = date(2024, 1, 1)
    frame = communes.shapes(day)
    found = communes.locate_many(lon, lat, day)
    assert (found != None).sum() > 100  # noqa: E711
    for x, y, code in zip(lon, lat, found, strict=True):
        holding = frame[frame.geometry.covers(shapely.Point(x, y))]
        assert code == (holding["code"].iloc[0] if len(holding) else None)
        if code and "+" not in code:
            assert communes.locate(x, y, day).communes[0].code == code
    assert len(geometries) == 36_560


def test_border_distance_is_geodesic() -> None:
    """A degree of the meridian near Bobigny is 111.2 km, of the parallel 73.4 km."""
    line = shapely.LineString([(2.4, 48.91), (2.5, 48.91)])
    assert metres(2.45, 48.90, line) == pytest.approx(1112.1, abs=1)
    line = shapely.LineString([(2.46, 48.8), (2.46, 49.0)])
    assert metres(2.45, 48.90, line) == pytest.approx(733.4, abs=1)


def test_a_point_exactly_on_a_border_is_flagged_and_always_the_same() -> None:
    bobigny = communes.polygon(communes.by_code("93008", date(2024, 1, 1)).elits)
    drancy = communes.polygon(communes.by_code("93029", date(2024, 1, 1)).elits)
    shared = shapely.get_coordinates(shapely.intersection(bobigny.boundary, drancy.boundary))
    lon, lat = shared[len(shared) // 2]
    first = communes.locate(lon, lat, date(2024, 1, 1))
    assert first.on_border
    assert first.border_distance_m == 0
    assert first == communes.locate(lon, lat, date(2024, 1, 1))
    assert {93008, 93029} >= {int(first.communes[0].code)}
    assert first.near[0].distance_m == 0


def test_border_of_a_merged_commune_is_its_own() -> None:
    then = communes.locate(2.3610, 48.9635, date(2024, 1, 1))
    now = communes.locate(2.3610, 48.9635, date(2025, 1, 1))
    assert then.communes[0].code == "93059"
    assert now.communes[0].code == "93066"
    assert now.border_distance_m >= then.border_distance_m


def test_an_inseparable_group_is_never_one_of_its_communes() -> None:
    found = communes.locate(2.43, 48.63, date(2013, 6, 1))
    assert {item.code for item in found.communes} == {"91228", "91182"}
    assert communes.locate_many([2.43], [48.63], date(2013, 6, 1)).tolist() == ["91182+91228"]


@pytest.mark.parametrize(
    ("lon", "lat", "says"),
    [
        (-5.0, 45.0, "dans aucune commune de France"),
        (math.nan, 48.0, "Point impossible"),
        (math.inf, 48.0, "Point impossible"),
        (48.9, 2.44, "échangeant"),
        (200.0, 48.0, "Point impossible"),
        (-0.12, 51.5, "dans aucune commune de France"),
    ],
)
def test_points_elsewhere_are_refused_in_words(lon: float, lat: float, says: str) -> None:
    with pytest.raises(OutsideTerritory, match=says):
        communes.locate(lon, lat, date(2024, 1, 1))


def test_real_sites(realdata) -> None:  # type: ignore[no-untyped-def]
    """13,747 health sites: nearly all in the commune they declare."""
    import pandas as pd

    sites = pd.read_csv(realdata / "finess_occitanie_sites.csv", dtype={"code_insee": str})
    found = communes.locate_many(sites["longitude"], sites["latitude"], date(2024, 1, 1))
    declared = sites["code_insee"].to_numpy()
    same = (found == declared).sum()
    outside = sum(code is None for code in found)
    assert len(sites) == 13_747
    assert outside <= 2
    assert len(sites) - same - outside <= 60


def test_single_points_agree_with_the_bulk_path_near_borders() -> None:
    """Vertices and middles of borders, and points a hair away from them."""
    day = date(2024, 1, 1)
    coordinates = shapely.get_coordinates(all_shapes()[::900])
    middles = (coordinates[1:] + coordinates[:-1]) / 2
    points = np.concatenate([coordinates, middles, coordinates + 1e-9])[::7]
    found = communes.locate_many(points[:, 0], points[:, 1], day)
    assert len(points) > 200
    for (lon, lat), code in zip(points, found, strict=True):
        if code is None:
            with pytest.raises(OutsideTerritory):
                communes.locate(lon, lat, day)
        else:
            held = communes.locate(lon, lat, day).communes
            assert "+".join(sorted(item.code for item in held)) == code


def test_points_inside_the_yearly_polygons_are_in_their_commune() -> None:
    """One commune in 37 of each yearly polygon set; scripts/build_communes/check.py does all."""
    here = Path(__file__).parent
    build = here.parents[1] / "scripts" / "build_communes"
    with (here / "inner_points.csv").open(encoding="utf-8", newline="") as file:
        points = list(csv.DictReader(file))
    with (build / "exceptions.csv").open(encoding="utf-8", newline="") as file:
        known = {(row["annee"], row["code"]): row["situe_dans"] for row in csv.DictReader(file)}
    assert len(points) > 3_700
    assert len(known) < 70
    for year in {row["annee"] for row in points}:
        mine = [row for row in points if row["annee"] == year]
        lon, lat = ([float(row[key]) for row in mine] for key in ("longitude", "latitude"))
        found = communes.locate_many(lon, lat, date(int(year), 1, 1))
        for row, code in zip(mine, found, strict=True):
            expected = known.get((year, row["code"]), row["code"])
            assert (code or "hors territoire") == expected, row
