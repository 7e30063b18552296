"""What changed between two zonings, or two days: compared part by part, so exact across
millésimes."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.communes.locate import all_shapes
from cesp_geo.errors import ZoningError
from cesp_geo.siting.check import question_for
from cesp_geo.siting.eligibility import class_value, judge
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import Zoning
from cesp_geo.zonings.track import Focus, reading_codes

Part = int | str
"""An élit, or the code of a unit inside communes (QPV…)."""

CAUSES: Mapping[str, str] = {
    "reclassified": "reclassement",
    "merged": "fusion de communes",
    "restored": "rétablissement de communes",
    "renamed": "changement de code",
    "boundary_changed": "périmètre modifié",
    "newly_covered": "nouvellement couvert",
    "no_longer_covered": "plus couvert",
}
DIRECTIONS: Mapping[str, str] = {
    "gained": "devient éligible",
    "lost": "n'est plus éligible",
    "other": "change de classe",
    "same": "même classe",
    "unknown": "éligibilité inconnue d'un côté",
}


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of each part on one side of a comparison.

    Attributes
    ----------
    label : str
        What is compared: a version's id, or a day.
    day : datetime.date
        Whose communes name the parts, and whose law says which classes count.
    profession : str
    classes : mapping of int or str to str
        Zone class by élit, or by code of sub-unit; a part that is not known is left out.
    territories : mapping of str to Territory
        What each sub-unit covers.
    of_day : bool
        Whether it is all that was in force on a day, rather than one version.
    """

    label: str
    day: date
    profession: str
    classes: Mapping[Part, str]
    territories: Mapping[str, "Territory"] = field(default_factory=dict)
    of_day: bool = False


@dataclass(frozen=True, slots=True)
class Territory:
    """What a sub-unit covers: its name, its élits, and the digest of its perimeter if loaded."""

    name: str
    elits: tuple[int, ...]
    perimeter: str = ""

    def differs(self, other: "Territory") -> bool:
        """Say whether two sides of one sub-unit do not cover the same ground."""
        drawn = bool(self.perimeter and other.perimeter)
        return self.perimeter != other.perimeter if drawn else self.elits != other.elits


@dataclass(frozen=True, slots=True)
class Move:
    """One part whose class differs, or whose boundary does; None stands for not covered."""

    part: Part
    before: str | None
    after: str | None
    boundary_changed: bool = False


@dataclass(frozen=True, slots=True)
class ChangedUnit:
    """A unit of the second side whose parts moved in the same way.

    ``direction`` is a key of :data:`DIRECTIONS`, ``cause`` of :data:`CAUSES`; ``area_km2`` is
    measured in the projection of its territory; ``former`` names the communes of the first
    side; ``elits`` are empty for a sub-unit, whose area is not counted: its commune's is.
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
    area_km2: float


@dataclass(frozen=True, slots=True)
class Diff:
    """Every part whose class differs between two sides, in order."""

    before: Classification
    after: Classification
    moves: tuple[Move, ...]

    def units(self) -> tuple[ChangedUnit, ...]:
        """Gather the moves by unit, with their direction and cause."""
        return tuple(
            sorted(self._units(self.moves), key=lambda item: (item.region, item.code, item.former))
        )

    def matrix(self) -> Mapping[tuple[str, str], tuple[int, int, float]]:
        """Units, population and km² by class before and after (``—`` for not covered).

        Units whose class is the same on both sides are counted too.
        """
        found: dict[tuple[str, str], tuple[int, int, float]] = {}
        still = (
            Move(part, label, label)
            for part, label in self.before.classes.items()
            if self.after.classes.get(part) == label
        )
        changed = (move for move in self.moves if move.before != move.after)
        for unit in self._units([*changed, *still]):
            key = unit.before or "—", unit.after or "—"
            number, people, area = found.get(key, (0, 0, 0.0))
            found[key] = number + 1, people + (unit.population or 0), area + unit.area_km2
        return dict(sorted(found.items()))

    def _units(self, moves: Sequence[Move]) -> Iterator[ChangedUnit]:
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
        areas = _areas(moves)
        shown = communes.shapes_by_elit()
        for (code, former, before, after), elits in groups.items():
            unit = communes.by_code(code, self.after.day)
            old = communes.by_code(former, self.before.day)
            assert unit is not None
            assert old is not None
            whole = len(elits) == len(unit.elits)
            same = old.code == unit.code and old.elits == unit.elits
            yield ChangedUnit(
                code,
                unit.name,
                "" if same else f"{old.name} ({old.code})",
                unit.region,
                unit.departement,
                before,
                after,
                self._direction(before, after, unit.region),
                _cause(before, after, old.elits, unit.elits, old.code == unit.code),
                tuple(elits),
                communes.population(code) if whole else communes.population(former),
                sum(areas.get(fid, 0.0) for fid in {shown.get(elit, 0) for elit in elits}),
            )

    def _subunit(self, code: str, move: Move) -> ChangedUnit:
        now = self.after.territories.get(code) or self.before.territories.get(code)
        holder = _unit_on(now.elits[0], self.after.day) if now and now.elits else None
        return ChangedUnit(
            code,
            now.name if now else code,
            "",
            holder.region if holder else "",
            holder.departement if holder else "",
            move.before,
            move.after,
            self._direction(move.before, move.after, ""),
            "boundary_changed"
            if move.boundary_changed
            else _cause(move.before, move.after, (), (), True),
            (),
            None,
            0.0,
        )

    def _direction(self, before: str | None, after: str | None, region: str) -> str:
        profession = self.after.profession
        was = before and class_value(profession, before, region, self.before.day)
        now = after and class_value(profession, after, region, self.after.day)
        if was is None or now is None:
            return "unknown"
        if bool(was) == bool(now):
            return "same" if before == after else "other"
        return "gained" if now else "lost"


_PROJECTIONS = (
    ((-10.0, 40.0, 11.0, 52.0), "EPSG:2154"),
    ((-62.0, 14.0, -60.0, 19.0), "EPSG:5490"),
    ((-55.0, 2.0, -51.0, 6.0), "EPSG:2972"),
    ((55.0, -22.0, 56.0, -20.0), "EPSG:2975"),
    ((44.0, -14.0, 46.0, -12.0), "EPSG:4471"),
)


def _areas(moves: Sequence[Move]) -> dict[int, float]:
    """Areas in km² of the shapes of some moves, each in the projection of its territory."""
    import geopandas as gpd

    fids = communes.shapes_of_many(move.part for move in moves if isinstance(move.part, int))
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


def _cause(
    before: str | None,
    after: str | None,
    old: tuple[int, ...],
    new: tuple[int, ...],
    same_code: bool,
) -> str:
    if before is None:
        return "newly_covered"
    if after is None:
        return "no_longer_covered"
    if set(old) < set(new):
        return "merged"
    if set(new) < set(old):
        return "restored"
    return "reclassified" if same_code else "renamed"


def classify(zoning: Zoning) -> Classification:
    """Give the class of each part that a version names, or is known to leave outside."""
    day = date(zoning.millesime, 1, 1)
    classes: dict[Part, str] = {}
    for code, item in zoning.by_commune.items():
        commune = communes.by_code(code, day)
        for elit in commune.elits if commune else ():
            holder = communes.commune_on(elit, day)
            if holder and reading_codes(zoning, elit, holder)[0] == code:
                classes[elit] = item.zone_class
            else:
                classes.setdefault(elit, item.zone_class)
    for commune in communes.communes(day) if zoning.scope == "region" else ():
        if commune.region == zoning.region and not {"*", commune.departement}.isdisjoint(
            zoning.exhaustive
        ):
            for elit in commune.elits:
                classes.setdefault(elit, "HZ")
    classes |= {code: item.zone_class for code, item in zoning.by_subunit.items()}
    return Classification(
        zoning.id, day, zoning.profession, classes, _territories(zoning, zoning.by_subunit)
    )


def _territories(zoning: Zoning, codes: Iterable[str]) -> dict[str, Territory]:
    """What the sub-units of a version cover."""
    drawn: Mapping[str, Any] = {}
    if zoning.perimeters_path:
        from cesp_geo.zonings.perimeters import read_perimeters

        drawn = read_perimeters(zoning)
    day = date(zoning.millesime, 1, 1)
    found = {}
    for code in codes:
        item = zoning.by_subunit[code]
        holders = (communes.by_code(each, day) for each in item.commune_codes)
        elits = sorted({elit for holder in holders if holder for elit in holder.elits})
        shape = drawn[code].normalize().wkb if code in drawn else b""
        digest = hashlib.sha256(shape).hexdigest() if shape else ""
        found[code] = Territory(item.unit_name or code, tuple(elits), digest)
    return found


def classify_day(
    catalogue: Catalogue,
    day: date,
    profession: str = "medecin",
    region: str | None = None,
    known_on: date | None = None,
) -> Classification:
    """Give the class of each part on a day, as far as the versions in force say it."""
    communes.preload()
    question = question_for(day, profession)
    focus = Focus(point=True)
    classes: dict[Part, str] = {}
    for commune in communes.communes(day):
        if region in (None, commune.region):
            for elit in commune.elits:
                track = catalogue.track(elit, profession, known_on, focus)
                ruling = judge(track, question).on
                if len(ruling) == 1 and ruling[0] and ruling[0].standing.zone_class:
                    classes[elit] = ruling[0].standing.zone_class
    territories: dict[str, Territory] = {}
    for zoning in catalogue.zonings.values():
        if zoning.profession != profession:
            continue
        for code, territory in _territories(zoning, zoning.by_subunit).items():
            if region and not _lies_in(region, territory, day):
                continue
            tracks = (
                catalogue.track(elit, profession, known_on, Focus(subunit=code))
                for elit in territory.elits
            )
            spells = {spell for track in tracks for spell in judge(track, question).on}
            spell = spells.pop() if len(spells) == 1 else None
            if spell and spell.order_id == zoning.id and spell.standing.zone_class:
                classes[code], territories[code] = spell.standing.zone_class, territory
    return Classification(day.isoformat(), day, profession, classes, territories, of_day=True)


def _lies_in(region: str, territory: Territory, day: date) -> bool:
    holders = (communes.commune_on(elit, day) for elit in territory.elits)
    return any(holder.region == region for holder in holders if holder)


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
    parts = sorted({*first.classes, *second.classes}, key=lambda part: (str(type(part)), part))
    moves = (
        Move(
            part,
            first.classes.get(part),
            second.classes.get(part),
            _boundary_changed(part, first, second),
        )
        for part in parts
    )
    return Diff(
        first,
        second,
        tuple(move for move in moves if move.before != move.after or move.boundary_changed),
    )


def _boundary_changed(part: Part, first: Classification, second: Classification) -> bool:
    if not isinstance(part, str):
        return False
    then, now = first.territories.get(part), second.territories.get(part)
    return bool(then and now and then.differs(now))


def apply(classes: Mapping[Part, str], diff: Diff) -> dict[Part, str]:
    """Apply a comparison to the classes of its first side: it gives those of the second.

    Examples
    --------
    >>> catalogue = Catalogue.load()
    >>> diff = diff_zonings(catalogue.zoning("idf-2005"), catalogue.zoning("idf-2012"))
    >>> apply(diff.before.classes, diff) == diff.after.classes
    True
    """
    found = dict(classes)
    for move in diff.moves:
        if move.after is None:
            del found[move.part]
        else:
            found[move.part] = move.after
    return found
