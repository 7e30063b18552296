"""Locate a point inside each commune of each yearly polygon set, and list what differs.

Usage: python scripts/build_communes/check.py [DOWNLOADS_FOLDER]
"""

import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from shapes import EMPTY, clean
from sources import POLYGONS, Sources

from cesp_geo import communes


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    sources = Sources(folder)
    total, reasons, differing = 0, Counter[str](), list[str]()
    for year in POLYGONS:
        table = sources.polygons(year)
        table = table[table["type"] == "COM"].reset_index(drop=True)
        geometries = clean(table["geometry"])
        geometries = np.where(shapely.area(geometries) < EMPTY, shapely.Point(0, 0), geometries)
        inside = shapely.point_on_surface(geometries)
        found = communes.locate_many(shapely.get_x(inside), shapely.get_y(inside), date(year, 1, 1))
        on = date(year, 1, 1)
        for code, name, got, geometry in zip(
            table["code"], table["nom"], found, geometries, strict=True
        ):
            total += 1
            if got != code:
                why = explain(code, got, geometry, on)
                reasons[why] += 1
                differing.append(f"{year} {code} {name} : {got or 'hors territoire'} ({why})")
    print("\n".join(sorted(differing)))
    print(f"{total} points, {len(differing)} situés ailleurs :")
    for why, count in reasons.most_common():
        print(f"  {count} {why}")


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
