"""Locate a point inside each commune of each yearly polygon set, and list what differs.

The list goes to exceptions.csv beside this file; one point in 37 goes to the tests.

Usage: python scripts/build_communes/check.py [DOWNLOADS_FOLDER]
"""

import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from shapes import EMPTY, clean
from sources import POLYGONS, Sources

from cesp_geo import communes

LISTED = Path(__file__).with_name("exceptions.csv")
SAMPLE = Path(__file__).resolve().parents[2] / "tests" / "communes" / "inner_points.csv"
ONE_IN = 37


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    sources = Sources(folder)
    points: list[tuple[int, str, float, float]] = []
    reasons, listed = Counter[str](), []
    for year in POLYGONS:
        table = sources.polygons(year)
        table = table[table["type"] == "COM"].reset_index(drop=True)
        geometries = clean(table["geometry"])
        geometries = np.where(shapely.area(geometries) < EMPTY, shapely.Point(0, 0), geometries)
        inside = shapely.get_coordinates(shapely.point_on_surface(geometries)).round(6)
        on = date(year, 1, 1)
        found = communes.locate_many(inside[:, 0], inside[:, 1], on)
        for code, name, got, geometry, (lon, lat) in zip(
            table["code"], table["nom"], found, geometries, inside.tolist(), strict=True
        ):
            points.append((year, code, lon, lat))
            if got != code:
                why = explain(code, got, geometry, on)
                reasons[why] += 1
                listed.append((year, code, name, got or "hors territoire", why))
    save(LISTED, ("annee", "code", "nom", "situe_dans", "raison"), sorted(listed))
    save(SAMPLE, ("annee", "code", "longitude", "latitude"), points[::ONE_IN])
    print(f"{len(points)} points, {len(listed)} situés ailleurs, dans {LISTED} :")
    for why, count in reasons.most_common():
        print(f"  {count} {why}")


def save(path: Path, header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def explain(code: str, got: str | None, geometry: shapely.Geometry, on: date) -> str:
    """Why a point inside a yearly polygon is not in that commune here."""
    if got and code in got.split("+"):
        return "groupe inséparable qui la contient"
    commune = communes.by_code(code, on)
    ours = communes.polygon(commune.elits) if commune else shapely.Point(0, 0)
    if geometry.geom_type == "Point" or geometry.area < ours.area / 5:
        return "contour vide ou réduit dans la source de cette année"
    if shapely.intersection(ours, geometry).area < ours.area / 2:
        return "contour déplacé dans la source de cette année"
    return "autre généralisation près d'une limite"


if __name__ == "__main__":
    main()
