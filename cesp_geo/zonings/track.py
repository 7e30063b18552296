"""What all orders say of one part of the territory: its *track*, in order of effect.

A track says nothing about the law: which class counts is for ``law``, and what follows for a
signatory is for ``siting``. Tracks are values; thousands of élits share equal ones, so that a
judgement made once serves them all.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.dates import DayRange, Period
from cesp_geo.zonings.model import Order, Zoning


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
    given_by : str
        Id of the version, or of the gap, that gives the class: an earlier one where an order
        on some units leaves this part as it was.
    """

    order_id: str
    region: str
    effective: DayRange
    during: Period
    own: bool
    gap: bool
    standing: Standing
    given_by: str


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

    def with_same_scope(self, other: "Entry") -> bool:
        """Say whether both hold what a region's orders of one day rule: files of one content.

        Two orders known to the same month or year only may follow each other: they are not.
        """
        one_day = self.effective == other.effective and (
            self.effective.exact or self.order.same_as(other.order)
        )
        return one_day and all(
            zoning is not None and zoning.scope == "region"
            for zoning in (self.zoning, other.zoning)
        )


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
