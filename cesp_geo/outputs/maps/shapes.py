"""Simplified shapes for maps: shared borders once, cut to what a map shows, as short texts.

The shapes are those of the communes, simplified once for all without tearing neighbours apart
(scripts/build_map_shapes.py); coordinates are in 1/10 000 degree, EPSG:4326.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cesp_geo.communes.store import checked

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

SCALE = 10_000


@dataclass(frozen=True, slots=True)
class Unit:
    """What a map fills: some shapes (by number) and where it lies.

    ``area`` is the code of its département, ``region`` that of its région.
    """

    fids: tuple[int, ...]
    area: str
    region: str


@cache
def _arrays() -> Mapping[str, Any]:
    import numpy as np

    with np.load(checked("map.npz")) as held:
        return {name: held[name] for name in held.files}


def encoded(units: Sequence[Unit], around: Sequence[Unit]) -> dict[str, Any]:
    """Give the arcs and rings of some units, as the page reads them.

    Parameters
    ----------
    units : sequence of Unit
        What is filled; a unit without shapes has no ring.
    around : sequence of Unit
        All of France: the borders of its départements and régions are drawn around the units.

    Returns
    -------
    dict
        ``arcs``, ``rings``, ``levels`` and the others as base64 of variable-length integers.
        Rings are given by unit: the number of rings, then for each the number of arcs and the
        arcs. ``levels`` says of each arc whether it is inside a unit (0), between communes (1),
        départements (2), régions (3) or at the edge of France (4); ``around`` and
        ``around_levels`` are the arcs of the borders elsewhere.
    """
    import numpy as np

    held = _arrays()
    owner = _owners(units)
    ring_owner = owner[held["ring_shape"]]
    order = np.argsort(ring_owner, kind="stable")
    order = order[ring_owner[order] > 0]
    starts, ends = held["ring_start"][:-1][order], held["ring_start"][1:][order]
    lengths = ends - starts
    refs = held["ring_arcs"][_ranges(starts, lengths)].astype(np.int64)
    used = np.unique(np.abs(refs)) - 1
    renumbered = np.zeros(len(held["sides"]) + 1, dtype=np.int64)
    renumbered[used + 1] = np.arange(1, len(used) + 1)
    rings = _interleaved(lengths, np.sign(refs) * renumbered[np.abs(refs)])
    counts = np.bincount(ring_owner[order], minlength=len(units) + 1)[1:]
    level = _levels(held["sides"], _owners(around), around)
    own = _levels(held["sides"][used], owner, units)
    elsewhere = np.setdiff1d(np.flatnonzero(level > 1), used)
    return {
        "scale": SCALE,
        "arcs": text_of(_points(used)),
        "counts": text_of(counts),
        "rings": text_of(rings),
        "levels": text_of(np.where(own == 0, 0, np.maximum(level[used], 1))),
        "around": text_of(_points(elsewhere)),
        "around_levels": text_of(level[elsewhere]),
        "labels": text_of(_labels(units)),
    }


def _owners(units: Sequence[Unit]) -> "Ints":
    """By shape number, the number of its unit from 1, 0 for none."""
    import numpy as np

    owner = np.zeros(len(_arrays()["label"]) + 1, dtype=np.int64)
    for number, unit in enumerate(units, start=1):
        owner[list(unit.fids)] = number
    return owner


def _ranges(starts: "Ints", lengths: "Ints") -> "Ints":
    import numpy as np

    shift = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    found: Ints = np.arange(int(lengths.sum())) + shift
    return found


def _interleaved(lengths: "Ints", values: "Ints") -> "Ints":
    """Each length followed by so many values."""
    import numpy as np

    places = np.cumsum(lengths + 1) - lengths - 1
    found = np.zeros(len(lengths) + len(values), dtype=np.int64)
    found[places] = lengths
    rest = np.ones(len(found), dtype=bool)
    rest[places] = False
    found[rest] = values
    return found


def _points(used: "Ints") -> "Ints":
    """For each arc: its number of steps, the change of its start, then its steps."""
    import numpy as np

    held = _arrays()
    starts, ends = held["arc_start"][:-1][used], held["arc_start"][1:][used]
    steps = (ends - starts).astype(np.int64)
    first = held["first"][used].astype(np.int64)
    moved = np.diff(first, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    heads = np.column_stack([steps, moved])
    body = held["deltas"][_ranges(starts, steps)].astype(np.int64).ravel()
    places = np.cumsum(2 * steps + 3) - 2 * steps - 3
    found = np.zeros(3 * len(used) + len(body), dtype=np.int64)
    rest = np.ones(len(found), dtype=bool)
    for column in range(3):
        found[places + column] = heads[:, column]
        rest[places + column] = False
    found[rest] = body
    return found


def _levels(sides: "Ints", owner: "Ints", units: Sequence[Unit]) -> "Ints":
    import numpy as np

    areas = {code: number for number, code in enumerate(sorted({item.area for item in units}), 1)}
    regions = {
        code: number for number, code in enumerate(sorted({item.region for item in units}), 1)
    }
    area = np.array([0, *(areas[item.area] for item in units)])
    region = np.array([0, *(regions[item.region] for item in units)])
    one, two = owner[sides[:, 0]], owner[sides[:, 1]]
    levels = np.where(one == two, 0, 1)
    levels = np.where((area[one] != area[two]), 2, levels)
    levels = np.where((region[one] != region[two]), 3, levels)
    return np.where((one == 0) | (two == 0), 4, levels)


def _labels(units: Sequence[Unit]) -> "Ints":
    """A point inside the first shape of each unit, as changes from one to the next."""
    import numpy as np

    label = _arrays()["label"].astype(np.int64)
    nowhere = np.zeros(2, dtype=np.int64)
    points = np.array(
        [label[item.fids[0] - 1] if item.fids else nowhere for item in units]
    ).reshape(-1, 2)
    changes: Ints = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()
    return changes


def text_of(values: "Ints | Sequence[int]") -> str:
    """Pack whole numbers: zigzag, then seven bits a byte, lowest first, then base64."""
    import numpy as np

    whole = np.asarray(values, dtype=np.int64)
    plain = ((whole << 1) ^ (whole >> 63)).astype(np.uint64)
    size = np.ones(len(plain), dtype=np.int64)
    for power in range(1, 5):
        size += plain >= np.uint64(1 << (7 * power))
    out = np.zeros(int(size.sum()), dtype=np.uint8)
    places = np.cumsum(size) - size
    for power in range(5):
        more = size > power
        byte = (plain[more] >> np.uint64(7 * power)) & np.uint64(127)
        last = size[more] == power + 1
        out[places[more] + power] = np.where(last, byte, byte | np.uint64(128)).astype(np.uint8)
    return base64.b64encode(out.tobytes()).decode("ascii")


def boxes(units: Sequence[Unit]) -> list[tuple[float, float, float, float]]:
    """Give west, south, east and north of each unit, in degrees."""
    import numpy as np

    west, south, east, north = _boxes()
    found = []
    for unit in units:
        rows = np.array(unit.fids) - 1
        found.append(
            (
                float(west[rows].min()),
                float(south[rows].min()),
                float(east[rows].max()),
                float(north[rows].max()),
            )
        )
    return found


@cache
def _boxes() -> Any:
    import shapely

    from cesp_geo.communes.locate import all_shapes

    return shapely.bounds(all_shapes()).T


def middles(units: Sequence[Unit]) -> list[tuple[float, float]]:
    """Give a point (longitude, latitude) inside each unit, in degrees."""
    label = _arrays()["label"] / SCALE
    return [
        (float(label[item.fids[0] - 1][0]), float(label[item.fids[0] - 1][1])) for item in units
    ]
