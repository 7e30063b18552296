"""What all orders say of one part of the territory: its *track*, in order of effect.

A track says nothing about the law: which class counts is for ``law``, and what follows for a
signatory is for ``siting``. Tracks are values; thousands of élits share equal ones, so that a
judgement made once serves them all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.dates import DayRange, Period
from cesp_geo.zonings.model import Designation, Order, Zoning


class Doubt(StrEnum):
    """Why the class that an order gives to a part is not known for certain."""

    GAP = "gap"
    NOT_COVERED = "not_covered"
    TO_CONFIRM = "to_confirm"
    PART = "part"
    SUBUNITS = "subunits"


@dataclass(frozen=True, slots=True)
class Standing:
    """What one order says of one part.

    Attributes
    ----------
    zone_class : str or None
        The class it designates; ``HZ`` where the order is known to name all its zones and
        does not name this one; None where we do not hold it.
    alternatives : frozenset of str or None
        Every class that is possible; None among them stands for an unknown class.
    doubts : frozenset of Doubt
    named : bool
        Whether the order names this part (or one of its sub-units).
    """

    zone_class: str | None
    alternatives: frozenset[str | None]
    doubts: frozenset[Doubt] = frozenset()
    named: bool = False


UNKNOWN = Standing(None, frozenset({None}), frozenset({Doubt.GAP}))
NOT_COVERED = Standing(None, frozenset({None}), frozenset({Doubt.NOT_COVERED}))
OUTSIDE = Standing("HZ", frozenset({"HZ"}))


@dataclass(frozen=True, slots=True)
class Spell:
    """One order's say on a part, while the part belongs to one commune.

    Attributes
    ----------
    order_id : str
        The version's id, or the id of a gap of the calendar.
    region : str
        Region of the ARS that decides (it may not be the commune's own).
    effective : DayRange
        Day from which the order rules.
    during : Period
        While the part belongs to the commune whose code was looked up.
    own : bool
        Whether the order is of the commune's own region.
    gap : bool
        Whether the order is known without its content.
    standing : Standing
    """

    order_id: str
    region: str
    effective: DayRange
    during: Period
    own: bool
    gap: bool
    standing: Standing


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """The spells of one part in order of effect, and what the region's calendar knows.

    The catalogue makes one object of equal tracks; compared by identity, it is a cheap key.

    Attributes
    ----------
    region : str
        The commune's own region (INSEE code, present-day).
    reform : datetime.date or None
        First possible day of effect of the region's first order under the 2017 reform.
    spells : tuple of Spell
    """

    region: str
    reform: date | None
    spells: tuple[Spell, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the calendar: an order, with the version that holds it or without (a gap).

    ``id`` is the version's; for a gap, ``{region}-{profession}-{day}-lacune``.
    """

    order: Order
    zoning: Zoning | None
    id: str = field(init=False)

    def __post_init__(self) -> None:
        order = self.order
        gap = f"{order.region}-{order.profession}-{order.takes_effect.iso}-lacune"
        object.__setattr__(self, "id", self.zoning.id if self.zoning else gap)

    @property
    def is_gap(self) -> bool:
        """Whether the order is known without its content."""
        return self.zoning is None

    @property
    def effective(self) -> DayRange:
        """Day of effect, or the days between which it lies."""
        return self.order.takes_effect


@dataclass(frozen=True, slots=True)
class Focus:
    """What is asked about inside a commune: one sub-unit, or the sub-units around a point.

    Attributes
    ----------
    subunit : str
        Code of a sub-unit (QPV…), empty for none.
    point : bool
        Whether the place is a point rather than the whole commune.
    inside : frozenset of (zoning id, unit code)
        Sub-units whose loaded perimeter holds the point.
    located : frozenset of (zoning id, unit code)
        Sub-units whose perimeter is loaded: the point is outside those not in ``inside``.
    """

    subunit: str = ""
    point: bool = False
    inside: frozenset[tuple[str, str]] = frozenset()
    located: frozenset[tuple[str, str]] = frozenset()


WHOLE = Focus()


def track_of(
    elit: int,
    entries_of: Callable[[str], Sequence[Entry]],
    foreign_to: Callable[[str, str], Iterable[Sequence[Entry]]],
    reform_of: Callable[[str], date | None],
    focus: Focus = WHOLE,
) -> Track:
    """Gather what all orders say of an élit.

    Parameters
    ----------
    elit : int
    entries_of : callable
        Region code to its entries, in order of effect.
    foreign_to : callable
        Region and département to the entries of each other region that has a version
        designating a commune of that département.
    reform_of : callable
        Region code to the day of its reform.
    focus : Focus

    Returns
    -------
    Track
    """
    tenures = _by_code(communes.tenures(elit))
    region, departement = tenures[-1].region, tenures[-1].departement
    spells = list(_spells(entries_of(region), elit, tenures, focus, own=True))
    for entries in foreign_to(region, departement):
        foreign = list(_spells(entries, elit, tenures, focus, own=False))
        named = [spell.effective.first for spell in foreign if spell.standing.named]
        if named:
            spells += [spell for spell in foreign if spell.effective.first >= min(named)]
    spells.sort(key=lambda spell: (spell.effective, spell.during))
    return Track(region, reform_of(region), tuple(spells))


def _by_code(tenures: Sequence[Commune]) -> list[Commune]:
    """Join the records that follow each other under one code: one unit, whose class is one.

    Outer bounds are opened: an élit has a commune on every day, and equal tracks are shared.
    """
    joined: list[Commune] = []
    for item in tenures:
        if joined and joined[-1].code == item.code:
            last = joined.pop()
            item = replace(
                item,
                period=Period(last.period.start, item.period.end),
                elits=tuple(sorted({*last.elits, *item.elits})),
            )
        joined.append(item)
    joined[0] = replace(joined[0], period=Period(date.min, joined[0].period.end))
    return joined


def _spells(
    entries: Sequence[Entry],
    elit: int,
    tenures: Sequence[Commune],
    focus: Focus,
    *,
    own: bool,
) -> Iterator[Spell]:
    sayings = [
        [_saying(entry.zoning, elit, tenure, focus) if entry.zoning else None for entry in entries]
        for tenure in tenures
    ]
    settled = {
        gap.id
        for gap in entries
        if gap.is_gap
        and any(
            saying.settles(gap)
            for of_tenure in sayings
            for saying in of_tenure
            if saying is not None
        )
    }
    for tenure, of_tenure in zip(tenures, sayings, strict=True):
        standing: Standing | None = None
        previous: _Saying | None = None
        for entry, saying in zip(entries, of_tenure, strict=True):
            if entry.is_gap and entry.id not in settled:
                previous, standing = None, UNKNOWN
            elif saying is not None:
                previous = saying.after(previous, standing)
                standing = previous.standing
            else:
                continue
            yield Spell(
                entry.id,
                entry.order.region,
                entry.effective,
                tenure.period,
                own,
                entry.is_gap,
                standing,
            )


@dataclass(frozen=True, slots=True)
class _Saying:
    """What one version says of one part: of the commune, of its sub-units, of the place."""

    zoning: Zoning
    base: Standing | None
    subunits: tuple[Standing, ...]
    place: Standing | None

    def settles(self, gap: Entry) -> bool:
        """Say whether this version leaves no room, for this part, for an order unread.

        Either it is that order, or its source says it was still in force after that order.
        """
        if self.base is None and self.place is None:
            return False
        as_of, effective = self.zoning.as_of, self.zoning.order.takes_effect
        return self.zoning.order.same_as(gap.order) or (
            as_of is not None and effective.last <= gap.effective.first <= as_of
        )

    def after(self, previous: "_Saying | None", standing: Standing | None) -> "_Saying":
        """Let what an order on some units does not touch go on as it was."""
        if self.zoning.scope == "region":
            return self
        base = previous.base if previous else standing
        return _Saying(
            self.zoning,
            self.base or base or NOT_COVERED,
            self.subunits or (previous.subunits if previous else ()),
            self.place or (previous.place if previous else None),
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
    subunits = {item.unit_code: item for key in codes for item in zoning.subunits_of.get(key, ())}
    if designation is not None:
        base: Standing | None = _of_designation(designation)
    elif zoning.scope == "units":
        base = None
    elif "*" in zoning.exhaustive or tenure.departement in zoning.exhaustive:
        base = OUTSIDE
    else:
        base = NOT_COVERED
    if base is None and not subunits:
        return None
    if focus.subunit:
        asked = [item for item in subunits.values() if item.unit_code == focus.subunit]
        others: list[Designation] = []
    elif focus.point:
        asked = [item for item in subunits.values() if (zoning.id, item.unit_code) in focus.inside]
        others = [
            item for item in subunits.values() if (zoning.id, item.unit_code) not in focus.located
        ]
    else:
        asked, others = [], list(subunits.values())
    return _Saying(
        zoning,
        base,
        tuple(sorted({_of_designation(item) for item in others}, key=repr)),
        _merge([_of_designation(item) for item in asked]) if asked else None,
    )


def reading_codes(zoning: Zoning, elit: int, tenure: Commune) -> tuple[str, ...]:
    """Give the codes under which a version's table is read for an élit in a commune.

    The municipal arrondissement first, then the commune. A merged commune follows the class of
    the code it keeps (FAQ DGOS 25/05/2018); a commune restored since the table's millésime
    follows the commune it left.
    """
    day = _first_of(zoning)
    code = tenure.code
    then = communes.commune_on(elit, day)
    if then is not None and then.code != code:
        kept = communes.by_code(code, day)
        if kept is None or set(kept.elits).isdisjoint(tenure.elits):
            code = then.code
    quarter = communes.arrondissement_on(elit, day)
    return (quarter.code, code) if quarter else (code,)


def _first_of(zoning: Zoning) -> date:
    return date(zoning.millesime, 1, 1)


def _of_designation(item: Designation) -> Standing:
    alternatives: set[str | None] = {item.zone_class}
    doubts = set()
    if item.certainty == "to_confirm":
        alternatives.add(None)
        doubts.add(Doubt.TO_CONFIRM)
    if item.extent == "part":
        alternatives.add(None)
        doubts.add(Doubt.PART)
    return Standing(item.zone_class, frozenset(alternatives), frozenset(doubts), named=True)


def _merge(standings: Sequence[Standing]) -> Standing:
    classes = {standing.zone_class for standing in standings}
    return Standing(
        classes.pop() if len(classes) == 1 else None,
        frozenset().union(*(standing.alternatives for standing in standings)),
        frozenset().union(*(standing.doubts for standing in standings)),
        named=True,
    )
