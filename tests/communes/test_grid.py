"""The grid answers as the polygons do, everywhere and most of all along borders."""

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from cesp_geo import communes
from cesp_geo.communes import store
from cesp_geo.communes.grid import FILE, distances_m, grid
from cesp_geo.communes.locate import all_shapes, locate_shapes, shapes_of
from cesp_geo.errors import DataError

Points = npt.NDArray[np.float64]


def brute(points: Points) -> npt.NDArray[np.int64]:
    """Lowest number of the shapes that touch each point, 0 where there is none."""
    found = np.zeros(len(points), np.int64)
    which, shape = shapely.STRtree(all_shapes()).query(shapely.points(points), "intersects")
    order = np.argsort(-shape, kind="stable")
    found[which[order]] = shape[order] + 1
    return found


def scattered(count: int, seed: int) -> Points:
    """Points all over each territory and the sea around it."""
    random = np.random.default_rng(seed)
    corners = [
        (land.west, land.south, land.east_step, land.north_step, *land.cells)
        for land in grid().territories
    ]
    parts = [
        np.column_stack(
            [random.uniform(w, w + dx * nx, count), random.uniform(s, s + dy * ny, count)]
        )
        for w, s, dx, dy, nx, ny in corners
    ]
    return np.vstack(parts)


def along_borders(step: int) -> Points:
    """Vertices, middles of segments, and points a hair to a few metres away."""
    vertices = shapely.get_coordinates(all_shapes())[::step]
    middles = (vertices[1:] + vertices[:-1]) / 2
    beside = [vertices + shift for shift in (1e-12, -1e-9, 1e-6, -3e-5)]
    return np.vstack([vertices, middles, *beside])


@pytest.mark.parametrize(
    "points", [scattered(8_000, 3), along_borders(61)], ids=["partout", "le long des limites"]
)
def test_the_grid_gives_the_shape_that_the_polygons_give(points: Points) -> None:
    expected = brute(points)
    assert (expected > 0).sum() > 9_000
    assert (locate_shapes(points[:, 0], points[:, 1]) == expected).all()


def test_points_on_the_edges_of_cells_are_placed() -> None:
    land = grid().territories[0]
    columns, rows = np.meshgrid(np.arange(4000, 4300), np.arange(5000, 5060))
    lon = (land.west + columns * land.east_step).ravel()
    lat = (land.south + rows * land.north_step).ravel()
    assert (locate_shapes(lon, lat) == brute(np.column_stack([lon, lat]))).all()


def test_points_that_are_none_are_nowhere() -> None:
    lon = [np.nan, np.inf, -np.inf, 2.0, 1e300, 500.0, 2.4397]
    lat = [48.0, 48.0, 48.0, np.nan, -1e300, 48.0, 48.9068]
    found = communes.locate_many(lon, lat, date(2024, 1, 1))
    assert found.tolist() == [None] * 6 + ["93008"]
    assert communes.locate_many([], [], date(2024, 1, 1)).tolist() == []


def test_every_shape_is_reached() -> None:
    inside = shapely.get_coordinates(shapely.point_on_surface(all_shapes()))
    found = locate_shapes(inside[:, 0], inside[:, 1])
    assert (found == np.arange(1, len(inside) + 1)).all()


def test_what_is_near_is_what_single_points_see() -> None:
    day = date(2024, 1, 1)
    points = np.vstack([along_borders(9_001), scattered(150, 5)])
    lon, lat = points[:, 0], points[:, 1]
    held, near = grid().shapes_at(lon, lat)
    kept = np.flatnonzero(near & (held > 0))
    which, shape = grid().around(lon[kept], lat[kept])
    which = kept[which]
    distance = distances_m(lon[which], lat[which], shape)
    seen = 0
    for index in np.flatnonzero(held):
        single = communes.locate(lon[index], lat[index], day)
        others = (which == index) & (shape != held[index]) & (distance <= 100)
        expected = {shapes_of(item.elits)[0]: item.distance_m for item in single.near}
        got = dict(zip(shape[others].tolist(), distance[others].tolist(), strict=True))
        assert got == pytest.approx(expected, abs=1e-6)
        if single.border_distance_m <= 99:
            assert near[index]
        seen += len(got)
    assert seen > 300


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "communes"
    folder.mkdir()
    for name in (FILE, "datapackage.json"):
        shutil.copy(store.data_folder() / "communes" / name, folder)
    monkeypatch.setattr(store, "data_folder", lambda: tmp_path)
    grid.cache_clear()
    yield folder
    grid.cache_clear()


def test_a_truncated_grid_is_refused(copied: Path) -> None:
    content = (copied / FILE).read_bytes()
    (copied / FILE).write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match="abîmées ou modifiées"):
        grid()
    (copied / FILE).unlink()
    with pytest.raises(DataError, match="illisibles"):
        grid()


def test_a_grid_made_for_other_shapes_is_refused(copied: Path) -> None:
    manifest = copied / "datapackage.json"
    package = json.loads(manifest.read_text(encoding="utf-8"))
    package["resources"][0]["hash"] = "sha256:" + "0" * 64
    manifest.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(DataError, match="pour d'autres contours"):
        grid()
