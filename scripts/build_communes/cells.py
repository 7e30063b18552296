"""Cut the territory into small cells that say at once, for most points, which shape holds them.

Usage: python scripts/build_communes/cells.py, after any change of data/communes/communes.gpkg.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from rich.progress import track

from cesp_geo.communes import store
from cesp_geo.communes.grid import BLOCK, FILE, NEAR, NO_SHAPE, Territory, segments
from cesp_geo.communes.locate import all_shapes

Integers = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
TARGET = Path(__file__).resolve().parents[2] / "data" / "communes"
SLACK = 1e-5  # of a cell: a border that grazes a cell counts as crossing it
WIDEST = 16

# West, south, degrees of a cell to the east and north, blocks to the east and north. Cells are
# wider than 100 m everywhere: what lies within 100 m of a point is in the cells around its own.
TERRITORIES = {
    "métropole": Territory(-5.2, 41.3, 0.0015, 0.001, 616, 613),
    "Antilles": Territory(-61.9, 14.3, 0.001, 0.001, 72, 142),
    "Guyane": Territory(-54.7, 2.0, 0.001, 0.001, 198, 239),
    "La Réunion": Territory(55.1, -21.5, 0.001, 0.001, 50, 44),
    "Mayotte": Territory(44.9, -13.1, 0.001, 0.001, 30, 34),
}


@dataclass
class Borders:
    """Every segment of every border, with the shape beside it (0: the outside)."""

    start: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]
    shape: Integers


def borders() -> Borders:
    starts, ends, first = segments()
    start, end = starts.T.copy(), ends.T.copy()
    shape = np.repeat(np.arange(1, len(first)), np.diff(first))
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[swap], end[swap] = end[swap], start[swap]
    order = np.lexsort([*start.T, *end.T])
    start, end, shape = start[order], end[order], shape[order]
    same = np.concatenate(([False], ((start[1:] == start[:-1]) & (end[1:] == end[:-1])).all(1)))
    alone = ~same & ~np.append(same[1:], False)
    return Borders(
        np.vstack([start, start[alone]]),
        np.vstack([end, end[alone]]),
        np.concatenate([shape, np.zeros(alone.sum(), np.int64)]),
    )


def spread(first: Integers, last: Integers) -> tuple[Integers, Integers]:
    """Count from each ``first`` to its ``last``: index of the pair, and value."""
    counts = last - first + 1
    index = np.repeat(np.arange(len(first)), counts)
    return index, np.arange(len(index)) - (np.cumsum(counts) - counts - first)[index]


def floor(values: npt.NDArray[np.float64]) -> Integers:
    return np.floor(values).astype(np.int64)


def crossed(land: Territory, lines: Borders) -> Integers:
    """Pairs of a cell and a shape whose border crosses it, as ``cell * 65536 + shape``."""
    origin, size = (land.west, land.south), (land.east_step, land.north_step)
    a, b = (lines.start - origin) / size, (lines.end - origin) / size
    inside = ((a >= 0) & (a < land.cells)).all(axis=1)
    a, b, shape = a[inside], b[inside], lines.shape[inside]
    low, high = np.minimum(a, b)[:, 1], np.maximum(a, b)[:, 1]
    line, row = spread(floor(low - SLACK), floor(high + SLACK))
    start, run = a[line], (b - a)[line]
    flat = run[:, 1] == 0
    slope = run[:, 0] / np.where(flat, 1, run[:, 1])
    enters, leaves = (
        start[:, 0]
        + np.where(
            flat,
            end * run[:, 0],
            (np.clip(row + edge, low[line], high[line]) - start[:, 1]) * slope,
        )
        for end, edge in ((0, -SLACK), (1, 1 + SLACK))
    )
    west, east = np.minimum(enters, leaves), np.maximum(enters, leaves)
    which, column = spread(floor(west - SLACK), floor(east + SLACK))
    cell = row[which] * land.cells[0] + column
    return np.unique(cell * 65536 + shape[line[which]])


def members(pairs: Integers) -> tuple[Integers, npt.NDArray[np.uint16]]:
    """Crossed cells, and the shapes of each in order, padded."""
    cells, first, counts = np.unique(pairs >> 16, return_index=True, return_counts=True)
    rows = np.full((len(cells), WIDEST), NO_SHAPE, np.uint16)
    place = np.arange(len(pairs)) - np.repeat(first, counts)
    rows[np.repeat(np.arange(len(cells)), counts), place] = pairs & 65535
    return cells, rows


def raster(land: Territory, cells: Integers, sets: Integers, tree: shapely.STRtree) -> Array:
    """The set of every cell: that of crossed cells is given; between them runs one shape."""
    width, height = land.cells
    starts = np.setdiff1d(np.union1d(cells + 1, np.arange(height) * width), cells)
    starts = starts[starts < width * height]
    east = land.west + (starts % width + 0.5) * land.east_step
    north = land.south + (starts // width + 0.5) * land.north_step
    which, shape = tree.query(shapely.points(east, north), predicate="within")
    held = np.zeros(len(starts), np.int64)
    held[which] = shape + 1
    where, value = np.concatenate([cells, starts]), np.concatenate([sets, held])
    order = np.argsort(where)
    lengths = np.diff(np.append(where[order], width * height))
    return np.repeat(value[order].astype(np.int32), lengths).reshape(height, width)


def around(mask: Array) -> Array:
    """Widen a mask by one cell on each side."""
    for _ in range(2):
        wide = mask.copy()
        wide[1:] |= mask[:-1]
        wide[:-1] |= mask[1:]
        mask = wide.T
    return mask


def tiles(dense: Array) -> Array:
    """One row a block."""
    height, width = (side // BLOCK for side in dense.shape)
    cut = dense.reshape(height, BLOCK, width, BLOCK).transpose(0, 2, 1, 3)
    return cut.reshape(height * width, BLOCK * BLOCK)


def palettes(dense: Array, near: Array) -> tuple[Array, Array, Array]:
    """Cells as numbers into the palette of their block; lengths of the palettes; palettes."""
    order = np.argsort(dense, axis=1, kind="stable")
    ordered = np.take_along_axis(dense, order, axis=1)
    new = np.ones(dense.shape, bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    rank = np.cumsum(new, axis=1, dtype=np.uint8) - np.uint8(1)
    assert new.sum(axis=1).max() <= NEAR
    codes = np.empty(dense.shape, np.uint8)
    np.put_along_axis(codes, order, rank, axis=1)
    return codes + near * np.uint8(NEAR), new.sum(axis=1).astype(np.uint8), ordered[new]


def build() -> dict[str, Array]:
    """The arrays of the grid, as ``cesp_geo.communes.grid`` reads them."""
    geometries = all_shapes()
    lines, tree = borders(), shapely.STRtree(geometries)
    lands = list(TERRITORIES.values())
    found = [members(crossed(land, lines)) for land in track(lands, "Bords")]
    sets, number = np.unique(
        np.concatenate([rows for _, rows in found]), axis=0, return_inverse=True
    )
    number = number.reshape(-1) + len(geometries) + 1
    codes, lengths, colours = [], [], []
    for land, (cells, _) in zip(track(lands, "Cellules"), found, strict=True):
        dense = raster(land, cells, number[: len(cells)], tree)
        number = number[len(cells) :]
        near = tiles(around(dense > len(geometries)))
        dense = tiles(dense)
        for at in range(0, len(dense), 8192):
            parts = palettes(dense[at : at + 8192], near[at : at + 8192])
            for part, whole in zip(parts, (codes, lengths, colours), strict=True):
                whole.append(part)
    patterns = np.concatenate(codes)
    drawn = patterns.any(axis=1)
    widest = int((sets != NO_SHAPE).sum(axis=1).max())
    return {
        "made_for": np.array(store.digest(store.FILE)),
        "shapes": np.array(len(geometries)),
        "territories": np.array([list(asdict(land).values()) for land in lands]),
        "drawn": drawn,
        "patterns": patterns[drawn],
        "lengths": np.concatenate(lengths),
        "palette": np.concatenate(colours),
        "members": sets[:, :widest],
    }


def main() -> None:
    np.savez_compressed(TARGET / FILE, **build())
    manifest = TARGET / "datapackage.json"
    package = json.loads(manifest.read_text(encoding="utf-8"))
    package["resources"] = [item for item in package["resources"] if item["path"] != FILE]
    content = (TARGET / FILE).read_bytes()
    package["resources"].append(
        {
            "name": "grid",
            "path": FILE,
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        }
    )
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    manifest.write_text(text, encoding="utf-8")
    print(f"{TARGET / FILE} : {len(content) / 1e6:.1f} Mo")


if __name__ == "__main__":
    main()
