"""Points to communes of a day: the grid against the peers, same points, same run.

Usage: python scripts/bench/locate.py [POINTS] [RUNS]

SedonaDB and DuckDB spatial take part where they are installed, as ``make bench-peers`` does
(``scripts/bench/peers.txt``).
"""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from importlib import metadata
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from table import measured

from cesp_geo import communes
from cesp_geo.communes.grid import grid
from cesp_geo.communes.locate import all_shapes

Points = npt.NDArray[np.float64]
Codes = npt.NDArray[np.object_]
DAYS = (date(2012, 1, 1), date(2019, 6, 1), date(2024, 1, 1))
SITES = Path(__file__).resolve().parents[3] / "shared" / "realdata" / "finess_occitanie_sites.csv"


def uniform(count: int, random: np.random.Generator) -> Points:
    """Anywhere in the communes of the métropole."""
    found = np.empty((0, 2))
    while len(found) < count:
        drawn = np.column_stack(
            [random.uniform(-5.2, 9.6, count), random.uniform(41.3, 51.1, count)]
        )
        held, _ = grid().shapes_at(drawn[:, 0].copy(), drawn[:, 1].copy())
        found = np.vstack([found, drawn[held > 0]])
    return found[:count]


def clustered(count: int, random: np.random.Generator) -> Points:
    """Around the middles of communes, by population: most within 1 km."""
    frame = communes.shapes(date(2024, 1, 1))
    people = frame["code"].map(communes.populations(2024)).fillna(1).to_numpy(float) + 1
    middle = shapely.get_coordinates(shapely.point_on_surface(frame.geometry.to_numpy()))
    chosen = random.choice(len(frame), count, p=people / people.sum())
    return middle[chosen] + random.normal(0, (0.009, 0.006), (count, 2))


def sites(count: int, random: np.random.Generator) -> Points:
    """Real health sites, repeated with some metres of noise."""
    table = pd.read_csv(SITES)[["longitude", "latitude"]]
    chosen = table.iloc[random.integers(0, len(table), count)].to_numpy(float)
    return chosen + random.normal(0, 1e-4, (count, 2))


def by_grid(points: Points, day: date) -> Codes:
    return communes.locate_many(points[:, 0], points[:, 1], day)


def by_sjoin(frame: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> Codes:
    joined = gpd.sjoin(frame, places, predicate="within")["code"]
    return joined[~joined.index.duplicated()].reindex(frame.index).to_numpy(object)


def by_reversed_tree(points: Points, places: gpd.GeoDataFrame) -> Codes:
    tree = shapely.STRtree(shapely.points(points))
    polygon, point = tree.query(places.geometry.to_numpy(), predicate="contains")
    found = np.full(len(points), None, object)
    found[point] = places["code"].to_numpy(object)[polygon]
    return found


def by_sedona(frame: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> Codes:
    from sedona.db import connect

    base = connect()
    base.create_data_frame(frame.reset_index(names="number")).to_view("points")
    base.create_data_frame(places).to_view("places")
    joined = base.sql(
        "SELECT number, code FROM points JOIN places ON ST_Within(points.geometry, places.geometry)"
    ).to_pandas()
    return joined.drop_duplicates("number").set_index("number")["code"].reindex(frame.index)


def by_duckdb(points: Points, places: gpd.GeoDataFrame) -> Codes:
    import duckdb
    import duckdb_extension_spatial

    base = duckdb.connect()
    (extension,) = Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension")
    base.load_extension(str(extension))
    table = pd.DataFrame({"lon": points[:, 0], "lat": points[:, 1]})
    table["number"] = np.arange(len(table))
    cut = pd.DataFrame({"code": places["code"], "wkb": shapely.to_wkb(places.geometry.to_numpy())})
    base.register("points_table", table)
    base.register("places_table", cut)
    joined = base.sql(
        "WITH places AS (SELECT code, ST_GeomFromWKB(wkb) AS geom FROM places_table), "
        "points AS (SELECT number, ST_Point(lon, lat) AS geom FROM points_table) "
        "SELECT number, code FROM points JOIN places ON ST_Within(points.geom, places.geom)"
    ).df()
    found = joined.drop_duplicates("number").set_index("number")["code"]
    return found.reindex(range(len(points))).to_numpy(object)


def timed(work: Callable[[], Codes], runs: int) -> tuple[float, Codes]:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - start)
    codes = np.asarray(found, dtype=object)
    return statistics.median(times), np.where(pd.isna(codes), None, codes)


def versions() -> str:
    found = []
    for name in ("numpy", "shapely", "geopandas", "sedonadb", "duckdb"):
        with suppress(metadata.PackageNotFoundError):
            found.append(f"{name} {metadata.version(name)}")
    return ", ".join(found)


def main() -> None:
    count, runs = ([int(item) for item in sys.argv[1:]] + [1_000_000, 3][len(sys.argv) - 1 :])[:2]
    start = time.perf_counter()
    grid(), all_shapes()
    print(f"{date.today()}, {count} points, médiane de {runs} ; {versions()}")
    print(f"ouverture de la grille et des contours : {time.perf_counter() - start:.2f} s")
    kinds = {"uniformes": uniform, "groupés": clustered} | (
        {"réels": sites} if SITES.exists() else {}
    )
    for name, make in kinds.items():
        points = make(count, np.random.default_rng(11))
        _, near = grid().shapes_at(points[:, 0].copy(), points[:, 1].copy())
        print(f"{name} : {near.mean():.1%} des points à moins d'une maille d'une limite")
        frame = gpd.GeoDataFrame(geometry=shapely.points(points), crs="EPSG:4326")
        for day in DAYS:
            places = communes.shapes(day)[["code", "geometry"]]
            peers: dict[str, Callable[[], Codes]] = {
                "geopandas.sjoin": partial(by_sjoin, frame, places),
                "grille": partial(by_grid, points, day),
            }
            if day == DAYS[-1]:
                peers["STRtree des points"] = partial(by_reversed_tree, points, places)
                peers["SedonaDB"] = partial(by_sedona, frame, places)
                peers["DuckDB spatial"] = partial(by_duckdb, points, places)
            base, expected = 0.0, np.empty(0, object)
            for peer, work in peers.items():
                try:
                    seconds, found = timed(work, runs)
                except ImportError:
                    print(f"  {day} {peer:<20} non installé")
                    continue
                if not base:
                    base, expected = seconds, found
                differ = int(sum(a != b for a, b in zip(found, expected, strict=True)))
                measured(
                    f"{count} points {name}, {day}, {peer}",
                    seconds,
                    "geopandas.sjoin",
                    base,
                    f"réponses différentes : {differ}",
                )
    print(f"mémoire : {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} Go")


if __name__ == "__main__":
    main()
