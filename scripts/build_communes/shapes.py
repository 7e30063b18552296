"""From polygons of communes, déléguées and associées to one clean coverage of élits.

All borders are drawn together on one grid, cut where they cross, and made into faces; each
face is given to one piece of the territory, and faces of one shape are joined. So neighbours
share their borders to the last vertex, without overlap or gap of their own.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from history import ARRONDISSEMENTS, History
from sources import BASE_YEAR, OLDER_YEAR, Sources

GRID = 1e-6  # degrees: 0.1 m
TINY = 2e-7  # square degrees, some 2,000 m²: below, a face is a sliver
EMPTY = 1e-9


@dataclass
class Piece:
    """A polygon of the sources and the atoms that it shows."""

    atoms: frozenset[str]
    geometry: shapely.Geometry
    parent: str


@dataclass
class Shapes:
    geometries: list[shapely.Geometry]
    elits: list[tuple[int, ...]]
    report: list[str] = field(default_factory=list)


def build(history: History, sources: Sources) -> Shapes:
    report: list[str] = []
    table = sources.polygons(BASE_YEAR)
    table["geometry"] = clean(table["geometry"])
    older = sources.polygons(OLDER_YEAR)
    older = older[older["type"].isin(["COMD", "COMA"])].copy()
    older["geometry"] = clean(older["geometry"])
    bases = bases_of(history, table, report)
    inner = inner_pieces(history, bases, [table, older], report)
    faces = make_faces(bases, inner, report)
    assign(faces, bases, inner, report)
    return join(history, faces, report)


def clean(hexes: pd.Series) -> np.ndarray:
    geometries = shapely.force_2d(shapely.from_wkb(hexes.to_numpy()))
    invalid = ~shapely.is_valid(geometries)
    geometries[invalid] = shapely.make_valid(geometries[invalid])
    return geometries


def bases_of(history: History, table: pd.DataFrame, report: list[str]) -> dict[str, Piece]:
    """The communes of the base year; Paris, Lyon and Marseille by arrondissement."""
    on = history.on(f"{BASE_YEAR}-01-01")
    found = {}
    for row in table.itertuples():
        if row.type == "COM" and row.code not in ARRONDISSEMENTS:
            found[row.code] = Piece(on[row.code].atoms, row.geometry, row.code)
        elif row.type == "ARM":
            found[row.code] = Piece(frozenset({row.code}), row.geometry, row.code)
    missing = [code for code in on if code not in found and code not in ARRONDISSEMENTS]
    report.append(f"communes {BASE_YEAR} sans contour : {len(missing)} (outre-mer hors DROM)")
    return found


def inner_pieces(
    history: History,
    bases: dict[str, Piece],
    tables: list[pd.DataFrame],
    report: list[str],
) -> dict[str, list[Piece]]:
    """Polygons of déléguées and associées inside each base commune, newest first."""
    holder = {atom: code for code, base in bases.items() for atom in base.atoms}
    found: dict[str, list[Piece]] = defaultdict(list)
    unused, empty = 0, []
    for table in tables:
        for row in table[table["type"].isin(["COMD", "COMA"])].itertuples():
            atoms = history.atoms_of_code.get(row.code)
            parents = {holder.get(atom) for atom in atoms or ()}
            if atoms is None or len(parents) != 1 or None in parents:
                unused += 1
                continue
            (parent,) = parents
            if row.geometry.area < EMPTY:
                empty.append(f"{row.code} {row.nom}")
                continue
            others = [piece.atoms for piece in found[parent]]
            if atoms == bases[parent].atoms or any(
                atoms == held or (atoms & held and not atoms < held and not held < atoms)
                for held in others
            ):
                continue
            found[parent].append(Piece(atoms, row.geometry, parent))
    for pieces in found.values():
        shrink(pieces)
    report.append(f"contours de déléguées ou associées sans commune à couper : {unused}")
    report.append(f"contours vides ou minuscules : {', '.join(empty) or 'aucun'}")
    return found


def shrink(pieces: list[Piece]) -> None:
    """Put smaller pieces first, and leave to a larger one only the atoms of no smaller one."""
    pieces.sort(key=lambda item: len(item.atoms))
    held: frozenset[str] = frozenset()
    for piece in pieces:
        own = piece.atoms - held
        held |= piece.atoms
        piece.atoms = own or piece.atoms


def make_faces(
    bases: dict[str, Piece], inner: dict[str, list[Piece]], report: list[str]
) -> gpd.GeoDataFrame:
    """Cut all borders where they cross, on the grid, and make faces of them."""
    lines = [shapely.boundary(base.geometry) for base in bases.values()]
    for parent, pieces in inner.items():
        whole = bases[parent].geometry
        lines += [shapely.intersection(shapely.boundary(item.geometry), whole) for item in pieces]
    noded = shapely.union_all(np.array(lines), grid_size=GRID)
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    report.append(f"faces : {len(cells)}")
    return gpd.GeoDataFrame({"geometry": cells, "inside": shapely.point_on_surface(cells)})


def assign(
    faces: gpd.GeoDataFrame,
    bases: dict[str, Piece],
    inner: dict[str, list[Piece]],
    report: list[str],
) -> None:
    """Give each face its base commune, then its piece; ``""`` is outside."""
    codes = np.array(list(bases))
    tree = shapely.STRtree([base.geometry for base in bases.values()])
    face, base = tree.query(faces["inside"].to_numpy(), predicate="within")
    order = np.lexsort((codes[base], face))
    face, base = face[order], base[order]
    first = np.concatenate(([True], face[1:] != face[:-1]))
    report.append(f"faces dans deux communes à la fois, données à la première : {(~first).sum()}")
    owner = np.full(len(faces), "", dtype=object)
    owner[face[first]] = codes[base[first]]
    outside = owner == ""
    area = shapely.area(faces["geometry"].to_numpy())
    holes = outside & (area < TINY)
    report.append(
        f"trous de moins de 2 000 m² entre communes, donnés à un voisin : {holes.sum()} ; "
        f"autres vides gardés : {(outside & ~holes).sum()}"
    )
    piece = np.full(len(faces), -1)
    for parent, pieces in inner.items():
        mine = np.flatnonzero(owner == parent)
        for number, item in enumerate(pieces):
            shapely.prepare(item.geometry)
            free = mine[piece[mine] < 0]
            hit = shapely.covers(item.geometry, faces["inside"].to_numpy()[free])
            piece[free[hit]] = number
    faces["owner"], faces["piece"], faces["area"] = owner, piece, area
    settle_slivers(faces, bases, inner, holes, report)


def settle_slivers(
    faces: gpd.GeoDataFrame,
    bases: dict[str, Piece],
    inner: dict[str, list[Piece]],
    holes: np.ndarray,
    report: list[str],
) -> None:
    """Give slivers, and remainders that no atom is left for, to the neighbour they touch most."""
    full = {
        parent: frozenset().union(*(item.atoms for item in pieces)) == bases[parent].atoms
        for parent, pieces in inner.items()
    }
    owner, piece = faces["owner"].to_numpy().copy(), faces["piece"].to_numpy().copy()
    split = np.array([code in inner for code in owner])
    rest = split & (piece < 0)
    loose = rest & np.array([full.get(code, False) for code in owner])
    loose |= split & (faces["area"].to_numpy() < TINY)
    loose |= holes
    geometry = faces["geometry"].to_numpy()
    tree = shapely.STRtree(geometry)
    moved = 0
    for _ in range(6):
        waiting = np.flatnonzero(loose)
        if not len(waiting):
            break
        left, right = tree.query(geometry[waiting], predicate="intersects")
        best: dict[int, tuple[float, int]] = {}
        for a, b in zip(waiting[left], right, strict=True):
            if loose[b] or not owner[b] or (owner[a] and owner[a] != owner[b]):
                continue
            shared = shapely.length(shapely.intersection(geometry[a], geometry[b]))
            if shared > best.get(a, (0.0, -1))[0]:
                best[a] = (shared, b)
        for a, (_, b) in best.items():
            owner[a], piece[a], loose[a] = owner[b], piece[b], False
            moved += 1
    report.append(f"éclats rattachés à leur voisin : {moved} ; laissés : {loose.sum()}")
    faces["owner"], faces["piece"] = owner, piece
    faces["atoms"] = [
        frozenset()
        if not code
        else inner[code][number].atoms
        if number >= 0
        else bases[code].atoms - frozenset().union(*(item.atoms for item in inner.get(code, ())))
        or bases[code].atoms
        for code, number in zip(owner, piece, strict=True)
    ]


def join(history: History, faces: gpd.GeoDataFrame, report: list[str]) -> Shapes:
    """Join the faces of each shape; élits that no border tells apart form one group."""
    number = {atom: index for index, group in enumerate(history.elits, 1) for atom in group}
    link = list(range(len(history.elits) + 1))

    def root(elit: int) -> int:
        while link[elit] != elit:
            link[elit] = link[link[elit]]
            elit = link[elit]
        return elit

    faces = faces[faces["atoms"].map(bool)].copy()
    shown = [sorted({number[atom] for atom in atoms}) for atoms in faces["atoms"]]
    for elits in shown:
        for elit in elits[1:]:
            link[root(elit)] = root(elits[0])
    # An atom whose polygon is missing lies somewhere in its commune of the base year.
    seen = {elit for elits in shown for elit in elits}
    lost = []
    for code, record in history.on(f"{BASE_YEAR}-01-01").items():
        unseen = [elit for elit in record.elits if elit not in seen]
        if unseen and len(unseen) < len(record.elits):
            lost.append(code)
            for elit in record.elits[1:]:
                link[root(elit)] = root(record.elits[0])
    report.append(f"communes dont une partie n'a pas de contour, réunies : {', '.join(lost)}")
    faces["root"] = [root(elits[0]) for elits in shown]
    joined = faces.groupby("root")["geometry"].agg(
        lambda group: shapely.coverage_union_all(group.to_numpy())
    )
    members = defaultdict(list)
    for elit in range(1, len(history.elits) + 1):
        members[root(elit)].append(elit)
    geometries = [multi(item) for item in joined]
    shapes = Shapes(geometries, [tuple(members[key]) for key in joined.index], report)
    groups = [elits for elits in shapes.elits if len(elits) > 1]
    report.append(f"élits {len(history.elits)}, contours {len(geometries)}, groupes {len(groups)}")
    return shapes


def multi(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return shapely.normalize(shapely.multipolygons(parts))
