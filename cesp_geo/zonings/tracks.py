"""Gather tracks: what equal parts of the territory have in common is worked out once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import attrgetter

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.dates import Period
from cesp_geo.zonings.model import Designation, Zoning
from cesp_geo.zonings.track import (
    NOT_COVERED,
    OUTSIDE,
    UNKNOWN,
    WHOLE,
    Doubt,
    Entry,
    Focus,
    Spell,
    Standing,
    Track,
    reading_codes,
)

_NAMING = attrgetter("zone_class", "certainty", "extent")


class Tracks:
    """The tracks of one profession, as known on a day; equal tracks are one object.

    Parameters
    ----------
    entries : mapping of str to sequence of Entry
        By region code, in order of effect.
    """

    def __init__(self, entries: Mapping[str, Sequence[Entry]]) -> None:
        self._entries = entries
        self._designating: dict[str, set[str]] = {}
        for region, known in entries.items():
            for entry in known:
                for code in entry.zoning.departements if entry.zoning else ():
                    self._designating.setdefault(code, set()).add(region)
        self._found: dict[Focus, dict[int, Track]] = {}
        self._versions: dict[str, tuple[Zoning, ...]] = {}
        self._by_names: dict[tuple[object, ...], Track] = {}
        self._by_sayings: dict[tuple[object, ...], Track] = {}
        self._shared: dict[tuple[object, ...], Track] = {}

    def of(self, elits: Iterable[int], focus: Focus = WHOLE) -> Mapping[int, Track]:
        """Gather what all orders say of some élits.

        Parameters
        ----------
        elits : iterable of int
        focus : Focus

        Returns
        -------
        mapping of int to Track
            Those asked for, and maybe others.
        """
        found = self._found.setdefault(focus, {})
        for elit in elits:
            if elit not in found:
                found[elit] = self._gather(elit, focus)
        return found

    def _gather(self, elit: int, focus: Focus) -> Track:
        if focus.subunit or (key := self._names(elit)) is None:
            return self._read(elit, focus)
        if (found := self._by_names.get(key)) is None:
            found = self._by_names[key] = self._read(elit, focus)
        return found

    def _names(self, elit: int) -> tuple[object, ...] | None:
        """How each version names each commune that held a part, if that is all there is to read.

        None where it is not: where one of these communes has sub-units.
        """
        tenures: Sequence[Commune] = communes.tenures(elit)
        last = tenures[-1]
        # Most parts had one code only, and every version reads them under it.
        single = all(item.code == last.code for item in tenures) if len(tenures) > 1 else True
        single = single and not communes.quarters(elit)
        names: list[object] = []
        for tenure in (last,) if single else _by_code(tenures):
            names += (tenure.departement, tenure.period.end)
            for zoning in self._versions_of(last):
                codes = (tenure.code,) if single else reading_codes(zoning, elit, tenure)
                named = None
                for code in codes:
                    if code in zoning.subunits_of or zoning.unplaced:
                        return None
                    named = named or zoning.by_commune.get(code)
                names.append(named and _NAMING(named))
        return tuple(names)

    def _versions_of(self, commune: Commune) -> tuple[Zoning, ...]:
        """The versions that may name the communes of a département."""
        if (found := self._versions.get(commune.departement)) is None:
            found = self._versions[commune.departement] = tuple(
                entry.zoning
                for region in self._regions_of(commune)
                for entry in self._entries.get(region, ())
                if entry.zoning
            )
        return found

    def _read(self, elit: int, focus: Focus) -> Track:
        tenures = _by_code(communes.tenures(elit))
        regions = self._regions_of(tenures[-1])
        periods = _periods(tenures)
        sayings = tuple(
            tuple(
                tuple(
                    _saying(entry.zoning, elit, tenure, focus) if entry.zoning else None
                    for entry in self._entries.get(region, ())
                )
                for tenure in tenures
            )
            for region in regions
        )
        key = (regions, periods, sayings)
        if (found := self._by_sayings.get(key)) is None:
            made = self._track(regions, periods, sayings)
            value = (made.region, made.reform, made.spells)
            found = self._by_sayings[key] = self._shared.setdefault(value, made)
        return found

    def _regions_of(self, commune: Commune) -> tuple[str, ...]:
        """Its own region, and each other that has a version designating its département."""
        own = commune.region
        others = self._designating.get(commune.departement, set()) - {own}
        return (own, *sorted(others))

    def _track(
        self,
        regions: Sequence[str],
        periods: Sequence[Period],
        sayings: Sequence[Sequence[Sequence["_Saying | None"]]],
    ) -> Track:
        spells: list[Spell] = []
        for number, (region, said) in enumerate(zip(regions, sayings, strict=True)):
            own = number == 0
            found = list(_spells(self._entries.get(region, ()), periods, said, own=own))
            named = [spell.effective.first for spell in found if spell.standing.named]
            if own:
                spells += found
            elif named:
                spells += [spell for spell in found if spell.effective.first >= min(named)]
        spells.sort(key=lambda spell: (spell.effective, spell.during))
        return Track(regions[0], _reform(self._entries.get(regions[0], ())), tuple(spells))


def _reform(entries: Iterable[Entry]) -> date | None:
    days = [entry.effective.first for entry in entries if entry.order.regime.startswith("arrete-")]
    return min(days, default=None)


def _by_code(tenures: Sequence[Commune]) -> list[Commune]:
    """Join the records that follow each other under one code: one unit, whose class is one."""
    joined: list[Commune] = []
    for item in tenures:
        if joined and joined[-1].code == item.code:
            last = joined.pop()
            item = item._replace(
                period=Period(last.period.start, item.period.end),
                elits=tuple(sorted({*last.elits, *item.elits})),
            )
        joined.append(item)
    return joined


def _periods(tenures: Sequence[Commune]) -> tuple[Period, ...]:
    """Their periods, the first without beginning: a part has a commune on every day."""
    first, *others = (item.period for item in tenures)
    return (_since_ever(first.end), *others)


@cache
def _since_ever(end: date | None) -> Period:
    return Period(date.min, end)


def _spells(
    entries: Sequence[Entry],
    periods: Sequence[Period],
    sayings: Sequence[Sequence["_Saying | None"]],
    *,
    own: bool,
) -> Iterator[Spell]:
    """Give what the entries of one region say, in each commune that held the part."""
    settled = {
        gap.id
        for gap in entries
        if gap.is_gap
        and any(
            entry.zoning and saying and saying.settles(entry.zoning, gap)
            for of_tenure in sayings
            for entry, saying in zip(entries, of_tenure, strict=True)
        )
    }
    for period, of_tenure in zip(periods, sayings, strict=True):
        standing: Standing | None = None
        previous: _Saying | None = None
        given_by = ""
        latest: Entry | None = None
        for entry, saying in zip(entries, of_tenure, strict=True):
            if entry.is_gap and entry.id not in settled:
                latest, previous, standing, given_by = entry, None, UNKNOWN, entry.id
            elif entry.zoning and saying:
                if previous and latest and latest.with_same_scope(entry):
                    saying = saying.beside(previous)
                    if (saying.base, saying.place) != (previous.base, previous.place):
                        given_by = entry.id
                    previous = saying
                    latest = entry
                elif entry.zoning.scope == "region":
                    latest, previous, given_by = entry, saying, entry.id
                else:
                    own_place = previous and previous.place
                    if saying.place or (saying.base and not own_place) or not given_by:
                        given_by = entry.id
                    previous = saying.over(previous, standing)
                standing = previous.standing
            else:
                continue
            yield Spell(
                entry.id,
                entry.order.region,
                entry.effective,
                period,
                own,
                entry.is_gap,
                standing,
                given_by,
            )


@dataclass(frozen=True, slots=True)
class _Saying:
    """What one version says of one part: of the commune, of its sub-units, of the place."""

    base: Standing | None
    subunits: frozenset[Standing] = frozenset()
    place: Standing | None = None

    def settles(self, zoning: Zoning, gap: Entry) -> bool:
        """Say whether this version leaves no room, for this part, for an order unread.

        Either it is that order, or its source says it was still in force after that order.
        """
        if self.base is None and self.place is None:
            return False
        effective = zoning.order.takes_effect
        return zoning.order.same_as(gap.order) or (
            zoning.as_of is not None and effective.last <= gap.effective.first <= zoning.as_of
        )

    def over(self, previous: "_Saying | None", standing: Standing | None) -> "_Saying":
        """Let what an order on some units does not touch go on as it was."""
        base = previous.base if previous else standing
        return _Saying(
            self.base or base or NOT_COVERED,
            self.subunits or (previous.subunits if previous else frozenset()),
            self.place or (previous.place if previous else None),
        )

    def beside(self, previous: "_Saying") -> "_Saying":
        """Let two files of one day complete each other: what either names, the other leaves."""
        named = self.base and (self.base.named or previous.base in (None, NOT_COVERED))
        return _Saying(
            self.base if named else previous.base,
            self.subunits | previous.subunits,
            self.place or previous.place,
        )

    @property
    def standing(self) -> Standing:
        """The class of the place, or those that its commune and unlocated sub-units leave."""
        if self.place is not None:
            return self.place
        base = self.base or NOT_COVERED
        if not self.subunits:
            return base
        return Standing(
            base.zone_class,
            base.alternatives.union(*(item.alternatives for item in self.subunits)),
            base.doubts | {Doubt.SUBUNITS},
            named=True,
        )


def _saying(zoning: Zoning, elit: int, tenure: Commune, focus: Focus) -> _Saying | None:
    """What a version says of an élit while it belongs to ``tenure``; None out of its scope."""
    codes = reading_codes(zoning, elit, tenure)
    designation = next((zoning.by_commune[key] for key in codes if key in zoning.by_commune), None)
    subunits = {
        item.unit_code: item
        for key in codes
        for item in zoning.subunits_in(key, tenure.departement)
    }
    asked_for = zoning.by_subunit.get(focus.subunit)
    if designation is not None:
        base: Standing | None = _of_designation(designation)
    elif zoning.scope == "units":
        base = None
    elif "*" in zoning.exhaustive or tenure.departement in zoning.exhaustive:
        base = OUTSIDE
    else:
        base = NOT_COVERED
    if not subunits and asked_for is None:
        return _of_commune(base) if base else None
    if focus.subunit:
        asked = [asked_for] if asked_for else []
        others: list[Designation] = []
    elif focus.point:
        asked = [item for item in subunits.values() if (zoning.id, item.unit_code) in focus.inside]
        others = [
            item for item in subunits.values() if (zoning.id, item.unit_code) not in focus.located
        ]
    else:
        asked, others = [], list(subunits.values())
    if base is None and not asked and not others:
        return None
    return _Saying(
        base,
        frozenset(map(_of_designation, others)),
        _merge([_of_designation(item) for item in asked]) if asked else None,
    )


_of_commune = cache(_Saying)


def _of_designation(item: Designation) -> Standing:
    return _named(item.zone_class, item.certainty, item.extent)


@cache
def _named(zone_class: str, certainty: str, extent: str) -> Standing:
    alternatives: set[str | None] = {zone_class}
    doubts = set()
    if certainty == "to_confirm":
        alternatives.add(None)
        doubts.add(Doubt.TO_CONFIRM)
    if extent == "part":
        alternatives.add(None)
        doubts.add(Doubt.PART)
    return Standing(zone_class, frozenset(alternatives), frozenset(doubts), named=True)


def _merge(standings: Sequence[Standing]) -> Standing:
    classes = {standing.zone_class for standing in standings}
    return Standing(
        classes.pop() if len(classes) == 1 else None,
        frozenset().union(*(standing.alternatives for standing in standings)),
        frozenset().union(*(standing.doubts for standing in standings)),
        named=True,
    )
