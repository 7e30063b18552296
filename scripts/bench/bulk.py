"""Classify points: time by number of rows, memory, and a spatial join as the peer.

Usage: python scripts/bench/bulk.py [CATALOGUE] [--tout]

The line of the stream goes from 10⁵ to 2·10⁶ rows, and to 26 million with ``--tout``.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from locate import clustered, uniform
from table import measured, peak_memory

from cesp_geo import Catalogue, communes
from cesp_geo.communes.grid import grid
from cesp_geo.dates import parse_day_range
from cesp_geo.siting.bulk import Points
from cesp_geo.siting.survey import Answers
from cesp_geo.zonings.importing import About, prepare
from cesp_geo.zonings.readers.layers import read_layer

DAY = date(2025, 6, 1)
MILLION = 1_000_000
PROGRAM = Path(sys.executable).with_name("cesp-geo")
NAMES = {uniform: "uniformes", clustered: "groupés"}


def seconds(start: float) -> float:
    return time.perf_counter() - start


def classifying(catalogue: Catalogue, what: str = "") -> None:
    frame = communes.shapes(DAY)
    for kind in (uniform, clustered):
        points = kind(MILLION, np.random.default_rng(1))
        lon, lat = points[:, 0].copy(), points[:, 1].copy()
        start = time.perf_counter()
        layer = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
        gpd.sjoin(layer, frame, predicate="within")
        peer = seconds(start)
        asked = Points(Answers(catalogue, DAY))
        start = time.perf_counter()
        asked.find(lon, lat)
        first = seconds(start)
        located, whole = [], []
        for _ in range(3):
            start = time.perf_counter()
            shape, _ = grid().shapes_at(lon, lat)
            if index := catalogue.perimeters:
                rows = np.flatnonzero(index.shapes_around[shape])
                index.sets_of(lon[rows], lat[rows])
            located.append(seconds(start))
            start = time.perf_counter()
            asked.find(lon, lat).columns()
            whole.append(seconds(start))
        name = f"un million de points {NAMES[kind]}"
        measured(f"{name}, localisés{what}", statistics.median(located), "geopandas.sjoin", peer)
        measured(
            f"{name}, localisés et classés{what}",
            statistics.median(whole),
            "geopandas.sjoin",
            peer,
            f"la première fois {first:.1f} s",
        )


def with_quarters(home: Path | None, folder: Path) -> Catalogue:
    """The same versions, and 1,500 made-up quarters of some 400 m around town halls."""
    catalogue = Catalogue.load(home)
    middles = clustered(1500, np.random.default_rng(3))
    frame = gpd.GeoDataFrame(
        {
            "code": [f"QN{number:05d}M" for number in range(1500)],
            "classe": ["ZIP", "HZ", "ZAC"] * 500,
        },
        geometry=gpd.points_from_xy(*middles.T).buffer(0.004),
        crs=4326,
    )
    path = folder / "quartiers.gpkg"
    frame.to_file(path, engine="pyogrio")
    about = About(effective=parse_day_range("2025-02-01"), amending=True, regime="arrete-2025")
    made = prepare(read_layer(path), about, DAY)
    catalogue.home = folder / "zonings"
    catalogue.add(made.drafts, made.perimeters)
    return catalogue


def generated(path: Path, rows: int) -> None:
    random = np.random.default_rng(2)
    schema = pa.schema([("id", pa.int64()), ("lon", pa.float64()), ("lat", pa.float64())])
    with pq.ParquetWriter(path, schema) as writer:
        for at in range(0, rows, MILLION):
            count = min(MILLION, rows - at)
            points = clustered(count, random)
            ids = np.arange(at, at + count)
            writer.write_table(pa.table([ids, points[:, 0], points[:, 1]], schema=schema))


def streaming(home: Path | None, sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        command = [PROGRAM, "verifier-lot", source, "--le", DAY, "--sortie", target]
        command += ["--catalogue", home] if home else []
        for rows in sizes:
            generated(source, rows)
            start = time.perf_counter()
            process = psutil.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
            peak = peak_memory(process)
            spent = seconds(start)
            if process.returncode:
                raise SystemExit(f"verifier-lot : code {process.returncode}")
            print(
                f"flux {rows:>11,} lignes   {spent:6.1f} s   {spent / rows * MILLION:.2f} s par "
                f"million   mémoire de tous les processus {peak / 1e9:.2f} Go"
            )


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "--tout"]
    home = Path(words[0]) if words else None
    classifying(Catalogue.load(home))
    with tempfile.TemporaryDirectory() as folder:
        classifying(with_quarters(home, Path(folder)), ", 1 500 quartiers dessus")
    sizes = [100_000, 500_000, 2 * MILLION]
    streaming(home, [*sizes, 8 * MILLION, 26 * MILLION] if "--tout" in sys.argv else sizes)


if __name__ == "__main__":
    main()
