"""What changed between two zonings, or two days: compared part by part, so exact across
millésimes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.communes.locate import all_shapes
from cesp_geo.errors import ZoningError
from cesp_geo.siting.classification import (
    Classification,
    Part,
    classify,
    classify_day,
    is_unread,
)
from cesp_geo.siting.eligibility import class_value
from cesp_geo.zonings.model import Zoning

__all__ = [
    "CAUSES",
    "DIRECTIONS",
    "ChangedUnit",
    "Classification",
    "Diff",
    "Move",
    "apply",
    "classify",
    "classify_day",
    "diff_zonings",
]

CAUSES: Mapping[str, str] = {
    "reclassified": "reclassement",
    "merged": "fusion de communes",
    "restored": "rétablissement de communes",
    "renamed": "changement de code ou de nom",
    "boundary_changed": "périmètre modifié",
    "newly_covered": "nouvellement couvert",
    "no_longer_covered": "plus couvert",
    "unread": "contenu d'un arrêté non chargé",
}
DIRECTIONS: Mapping[str, str] = {
    "gained": "devient éligible",
    "lost": "n'est plus éligible",
    "other": "change de classe",
    "same": "même classe",
    "unknown": "éligibilité inconnue d'un côté au moins",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One part whose class differs, or the ground or the commune that bears it.

    None stands for not covered. ``boundary_changed``: a sub-unit does not cover the same ground;
    ``unit_changed``: the part keeps its class in a commune of another code or name.
    """

    part: Part
    before: str | None
    after: str | None
    boundary_changed: bool = False
    unit_changed: bool = False


@dataclass(frozen=True, slots=True)
class ChangedUnit:
    """A unit of the second side whose parts moved in the same way.

    ``direction`` is a key of :data:`DIRECTIONS`, ``cause`` of :data:`CAUSES`; ``area_km2`` is
    measured in the projection of its territory, None where no shape is known; ``former`` names
    the communes of the first side; ``elits`` are empty for a sub-unit, whose people and area are
    not counted: its commune's are.
    """

    code: str
    name: str
    former: str
    region: str
    departement: str
    before: str | None
    after: str | None
    direction: str
    cause: str
    elits: tuple[int, ...]
    population: int | None
    area_km2: float | None


@dataclass(frozen=True)
class Diff:
    """Every part that moved between two sides, in order."""

    before: Classification
    after: Classification
    moves: tuple[Move, ...]

    @property
    def unplaced(self) -> tuple[str, ...]:
        """Sub-units left out of all counts: the communes that hold them are not known."""
        return tuple(sorted({*self.before.unplaced, *self.after.unplaced}))

    def units(self) -> tuple[ChangedUnit, ...]:
        """Gather the moves by unit, with their direction and cause."""
        return tuple(
            sorted(self._units(self.moves), key=lambda item: (item.region, item.code, item.former))
        )

    def matrix(self) -> Mapping[tuple[str, str], tuple[int, int | None, float | None]]:
        """Units, population and km² by class before and after (``—`` for not covered).

        Units whose class is the same on both sides are counted too. Ground that former communes
        share is counted once, with its first part, and so are people never counted apart.
        Quarters count with their communes. None where nothing is counted.
        """
        parts = {*self.before.classes, *self.after.classes}
        units = [
            *self._units(
                Move(part, self.before.classes.get(part), self.after.classes.get(part))
                for part in sorted(parts, key=_in_order)
            )
        ]
        areas = _areas(part for part in parts if isinstance(part, int))
        shown = communes.shapes_by_elit()
        together = _counted_together(units)
        found: dict[tuple[str, str], tuple[int, int | None, float | None]] = {}
        for unit in sorted(units, key=lambda item: item.elits):
            key = unit.before or "—", unit.after or "—"
            number, people, area = found.get(key, (0, None, None))
            own = unit.population
            if own is None and unit.elits:
                own = together.pop(communes.tenures(unit.elits[0])[-1].code, None)
            if own is not None:
                people = (people or 0) + own
            fids = {shown[elit] for elit in unit.elits if elit in shown} & areas.keys()
            if fids:
                area = (area or 0.0) + sum(areas.pop(fid) for fid in sorted(fids))
            found[key] = number + 1, people, area
        return dict(sorted(found.items()))

    def _units(self, moves: Iterable[Move]) -> Iterator[ChangedUnit]:
        groups: dict[tuple[str, str, str | None, str | None], list[int]] = {}
        for move in moves:
            if isinstance(move.part, str):
                yield self._subunit(move.part, move)
                continue
            then = _unit_on(move.part, self.before.day)
            now = _unit_on(move.part, self.after.day)
            if then and now:
                key = now.code, then.code, move.before, move.after
                groups.setdefault(key, []).append(move.part)
        areas = _areas(elit for elits in groups.values() for elit in elits)
        shown = communes.shapes_by_elit()
        for (code, former, before, after), elits in groups.items():
            unit = communes.by_code(code, self.after.day)
            old = communes.by_code(former, self.before.day)
            assert unit is not None
            assert old is not None
            same = (old.code, old.name, old.elits) == (unit.code, unit.name, unit.elits)
            fids = {shown[elit] for elit in elits if elit in shown}
            yield ChangedUnit(
                code,
                unit.name,
                "" if same else f"{old.name} ({old.code})",
                unit.region,
                unit.departement,
                before,
                after,
                self._direction(before, after, unit.region),
                self._cause(before, after, old, unit),
                tuple(elits),
                communes.inhabitants(elits),
                sum(areas[fid] for fid in sorted(fids)) if fids else None,
            )

    def _subunit(self, code: str, move: Move) -> ChangedUnit:
        now = self.after.territories.get(code) or self.before.territories.get(code)
        holder = _unit_on(now.elits[0], self.after.day) if now and now.elits else None
        decider = now.region if now else ""
        return ChangedUnit(
            code,
            now.name if now else code,
            "",
            holder.region if holder else decider,
            holder.departement if holder else "",
            move.before,
            move.after,
            self._direction(move.before, move.after, decider),
            "boundary_changed" if move.boundary_changed else _covered(move.before, move.after),
            (),
            None,
            None,
        )

    def _direction(self, before: str | None, after: str | None, region: str) -> str:
        profession = self.after.profession
        if before == after:
            return "same"
        was = before and class_value(profession, before, region, self.before.day)
        now = after and class_value(profession, after, region, self.after.day)
        if was is None or now is None:
            return "unknown"
        if bool(was) == bool(now):
            return "other"
        return "gained" if now else "lost"

    def _cause(self, before: str | None, after: str | None, old: Commune, new: Commune) -> str:
        """Why a part moved.

        It is a merger that moves it where it takes the class that the commune of the code kept
        had; a restoration where it leaves the one that this commune keeps.
        """
        merged, restored = set(old.elits) < set(new.elits), set(new.elits) < set(old.elits)
        if before == after:
            return "merged" if merged else "restored" if restored else "renamed"
        if before and after and old.code != new.code:
            if merged and after in self._classes_of(new.code, self.before):
                return "merged"
            if restored and before in self._classes_of(old.code, self.after):
                return "restored"
        return _covered(before, after)

    def _classes_of(self, code: str, side: Classification) -> set[str | None]:
        unit = communes.by_code(code, side.day)
        return {side.classes.get(elit) for elit in unit.elits} if unit else set()


def _covered(before: str | None, after: str | None) -> str:
    if is_unread(before) or is_unread(after):
        return "unread"
    if before is None:
        return "newly_covered"
    return "no_longer_covered" if after is None else "reclassified"


def _counted_together(units: Iterable[ChangedUnit]) -> dict[str, int]:
    """People of the present communes all of whose parts are compared, less those counted apart."""
    left: dict[str, int] = {}
    parts: dict[str, set[int]] = {}
    for unit in units:
        for elit in unit.elits[:1]:
            now = communes.tenures(elit)[-1]
            left.setdefault(now.code, communes.inhabitants(now.elits) or 0)
            left[now.code] -= unit.population or 0
            parts.setdefault(now.code, set(now.elits)).difference_update(unit.elits)
    return {code: people for code, people in left.items() if not parts[code] and people > 0}


_PROJECTIONS = (
    ((-10.0, 40.0, 11.0, 52.0), "EPSG:2154"),
    ((-62.0, 14.0, -60.0, 19.0), "EPSG:5490"),
    ((-55.0, 2.0, -51.0, 6.0), "EPSG:2972"),
    ((55.0, -22.0, 56.0, -20.0), "EPSG:2975"),
    ((44.0, -14.0, 46.0, -12.0), "EPSG:4471"),
)


def _areas(elits: Iterable[int]) -> dict[int, float]:
    """Areas in km² of the shapes of some parts, each in the projection of its territory."""
    import geopandas as gpd

    fids = communes.shapes_of_many(elits)
    if not fids:
        return {}
    frame = gpd.GeoSeries(all_shapes()[[fid - 1 for fid in fids]], index=fids, crs="EPSG:4326")
    found: dict[int, float] = {}
    for (west, south, east, north), crs in _PROJECTIONS:
        inside = frame.cx[west:east, south:north]
        inside = inside[~inside.index.isin(found)]
        if len(inside):
            found |= (inside.to_crs(crs).area / 1e6).to_dict()
    return found


def _unit_on(elit: int, day: date) -> Commune | None:
    return communes.arrondissement_on(elit, day) or communes.commune_on(elit, day)


def diff_zonings(before: Classification | Zoning, after: Classification | Zoning) -> Diff:
    """Compare two versions, or two days, part by part.

    Parameters
    ----------
    before, after : Zoning or Classification
        See :func:`classify` and :func:`classify_day`.

    Returns
    -------
    Diff

    Raises
    ------
    ZoningError
        If they are for different professions.

    Examples
    --------
    >>> from cesp_geo import Catalogue
    >>> catalogue = Catalogue.load()
    >>> diff = diff_zonings(catalogue.zoning("idf-2005"), catalogue.zoning("idf-2012"))
    >>> diff_zonings(diff.before, diff.before).moves
    ()
    """
    first = classify(before) if isinstance(before, Zoning) else before
    second = classify(after) if isinstance(after, Zoning) else after
    if first.profession != second.profession:
        raise ZoningError(
            f"{first.label} et {second.label} sont de professions différentes "
            f"({first.profession}, {second.profession}). Comparez des zonages d'une même "
            "profession."
        )
    parts = sorted({*first.classes, *second.classes}, key=_in_order)
    moves = (_move(part, first, second) for part in parts)
    return Diff(first, second, tuple(move for move in moves if move))


def _in_order(part: Part) -> tuple[str, Part]:
    return str(type(part)), part


def _move(part: Part, first: Classification, second: Classification) -> Move | None:
    before, after = first.classes.get(part), second.classes.get(part)
    if isinstance(part, str):
        then, now = first.territories.get(part), second.territories.get(part)
        found = Move(part, before, after, boundary_changed=bool(then and now and then.differs(now)))
    elif before == after and first.day != second.day:
        was, is_now = _unit_on(part, first.day), _unit_on(part, second.day)
        borne = [(unit.code, unit.name) for unit in (was, is_now) if unit]
        found = Move(part, before, after, unit_changed=len(set(borne)) > 1)
    else:
        found = Move(part, before, after)
    moved = before != after or found.boundary_changed or found.unit_changed
    return found if moved else None


def apply(side: Classification | Zoning, diff: Diff) -> Classification:
    """Apply a comparison to its first side: it gives the second.

    Parameters
    ----------
    side : Zoning or Classification
    diff : Diff

    Returns
    -------
    Classification

    Raises
    ------
    ZoningError
        If the side is not the first one of the comparison.

    Examples
    --------
    >>> from cesp_geo import Catalogue
    >>> catalogue = Catalogue.load()
    >>> before, after = catalogue.zoning("idf-2005"), catalogue.zoning("idf-2012")
    >>> apply(before, diff_zonings(before, after)) == classify(after)
    True
    """
    first = classify(side) if isinstance(side, Zoning) else side
    classes = dict(first.classes)
    for move in diff.moves:
        if classes.get(move.part) != move.before:
            raise ZoningError(
                f"{first.label} n'est pas le premier côté de la comparaison ({diff.before.label})."
            )
        if move.after is None:
            del classes[move.part]
        else:
            classes[move.part] = move.after
    return replace(diff.after, classes=classes)
