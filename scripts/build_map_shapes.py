"""Simplify the shapes of the communes for maps: shared borders once, on a grid of 0.0001 degree.

Usage: python scripts/build_map_shapes.py

Writes data/communes/map.npz and its line in data/communes/datapackage.json. Run it again when
the shapes change: the same shapes give the same bytes.

Arrays: ``first`` and ``deltas`` (the points of each arc, in 1/10 000 degree), ``arc_start``,
``sides`` (the shapes on both sides of an arc, 0 outside), ``ring_arcs`` (arcs of each ring, from
1, negative when run backwards), ``ring_start``, ``ring_shape`` (whose ring it is, from 1) and
``label`` (a point inside each shape).
"""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import shapely

from cesp_geo.communes.locate import all_shapes

DATA = Path(__file__).resolve().parents[1] / "data" / "communes"
TOLERANCE = 0.0035
"""Square root of the area of the smallest triangle kept, in degrees."""
SCALE = 10_000


def main() -> None:
    shapes = all_shapes()
    simple = shapely.coverage_simplify(shapes, TOLERANCE)
    if not shapely.coverage_is_valid(simple):
        raise SystemExit("la couverture simplifiée n'est plus valide")
    rings, owners = rings_of(simple)
    arrays = arcs_of(rings, owners)
    inside = shapely.point_on_surface(shapes)
    label = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])
    arrays["label"] = np.round(label * SCALE).astype(np.int32)
    content = packed(arrays)
    (DATA / "map.npz").write_bytes(content)
    record(content)
    print(
        f"{len(arrays['arc_start']) - 1} arcs, {len(arrays['deltas'])} points, "
        f"{len(arrays['ring_start']) - 1} anneaux, {len(content) / 1e6:.2f} Mo"
    )


def rings_of(shapes: np.ndarray) -> tuple[list[np.ndarray], list[int]]:
    """Quantised rings and the number of their shape; rings that vanish are left out."""
    rings, owners = [], []
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    for part, index in zip(parts, of_part, strict=True):
        for ring in shapely.get_rings(part):
            points = np.round(shapely.get_coordinates(ring) * SCALE).astype(np.int64)
            kept = np.ones(len(points), dtype=bool)
            kept[1:] = (np.diff(points, axis=0) != 0).any(axis=1)
            points = points[kept]
            if len(points) >= 4:
                rings.append(points)
                owners.append(int(index) + 1)
    return rings, owners


def arcs_of(rings: list[np.ndarray], owners: list[int]) -> dict[str, np.ndarray]:
    """Cut the rings where three borders meet, and keep each piece once."""
    keys = [(points[:-1, 0] << 32) + points[:-1, 1] + (1 << 31) for points in rings]
    every = np.unique(np.concatenate(keys))
    numbered = [np.searchsorted(every, key) for key in keys]
    neighbours: list[set[int]] = [set() for _ in every]
    for ids in numbered:
        for one, two in zip(ids, np.roll(ids, -1), strict=True):
            neighbours[one].add(int(two))
            neighbours[two].add(int(one))
    node = np.array([len(found) != 2 for found in neighbours])
    held: dict[tuple[int, ...], int] = {}
    sides: list[list[int]] = []
    ring_arcs: list[int] = []
    ring_start = [0]
    for ids, owner in zip(numbered, owners, strict=True):
        for piece in pieces(ids, node):
            backwards = piece[::-1]
            closed = piece[0] == piece[-1] and not node[piece[0]]
            if closed:
                piece, backwards = turned(piece), turned(backwards)
            sign = 1 if piece <= backwards else -1
            key = min(piece, backwards)
            number = held.setdefault(key, len(held) + 1)
            if number > len(sides):
                sides.append([])
            sides[number - 1].append(owner)
            ring_arcs.append(sign * number)
        ring_start.append(len(ring_arcs))
    first, deltas, arc_start = [], [], [0]
    for key in held:
        codes = every[list(key)]
        points = np.column_stack([codes - (1 << 31) >> 32, 0 * codes])
        points[:, 1] = codes - (points[:, 0] << 32) - (1 << 31)
        first.append(points[0])
        deltas.append(np.diff(points, axis=0))
        arc_start.append(arc_start[-1] + len(points) - 1)
    if any(len(found) > 2 for found in sides):
        print("arcs de plus de deux côtés :", sum(len(found) > 2 for found in sides))
    return {
        "first": np.array(first, dtype=np.int32),
        "deltas": np.concatenate(deltas).astype(np.int16),
        "arc_start": np.array(arc_start, dtype=np.int32),
        "sides": np.array([(*found, 0)[:2] for found in sides], dtype=np.int32),
        "ring_arcs": np.array(ring_arcs, dtype=np.int32),
        "ring_start": np.array(ring_start, dtype=np.int32),
        "ring_shape": np.array(owners, dtype=np.int32),
    }


def pieces(ids: np.ndarray, node: np.ndarray) -> list[tuple[int, ...]]:
    """The pieces of a ring between its nodes; a ring without one is a piece by itself."""
    ring = ids.tolist()
    cuts = [place for place, number in enumerate(ring) if node[number]]
    if not cuts:
        return [(*ring, ring[0])]
    ring = [*ring[cuts[0] :], *ring[: cuts[0]]]
    cuts = [cut - cuts[0] for cut in cuts]
    ends = [*cuts[1:], len(ring)]
    ring.append(ring[0])
    return [tuple(ring[start : end + 1]) for start, end in zip(cuts, ends, strict=True)]


def turned(closed: tuple[int, ...]) -> tuple[int, ...]:
    """A closed piece begun at its lowest number, so that both its owners write it alike."""
    ring = closed[:-1]
    start = ring.index(min(ring))
    ring = (*ring[start:], *ring[:start])
    return (*ring, ring[0])


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """A numpy archive whose bytes depend on the arrays alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, values in sorted(arrays.items()):
            member = io.BytesIO()
            np.save(member, values)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, member.getvalue())
    return out.getvalue()


def record(content: bytes) -> None:
    path = DATA / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    others = [item for item in package["resources"] if item["path"] != "map.npz"]
    mine = {
        "name": "map",
        "path": "map.npz",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    package["resources"] = [*others, mine]
    path.write_text(json.dumps(package, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
