"""Every class a place ever had: orders, gaps, mergers, eligibility, three-year cover."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from cesp_geo import communes
from cesp_geo.communes import Change, Commune
from cesp_geo.dates import last_day_reached
from cesp_geo.siting.check import question_for
from cesp_geo.siting.eligibility import eligible_periods, list_rule
from cesp_geo.siting.place import Place
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES, Order


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days ``[start, end)`` of one part under one order.

    ``order`` is None where none is known, ``eligible`` where it is not known;
    ``maintainable_until`` is the last list that may keep the place, where the stretch ends with
    the loss of its eligibility: not where it goes on, nor where the days asked about end.
    """

    commune: str
    start: date
    end: date
    order_id: str
    order: Order | None
    gap: bool
    zone_class: str | None
    eligible: bool | None
    maintainable_until: date | None

    @property
    def last_day(self) -> date:
        """The last day of the stretch."""
        return self.end - timedelta(days=1)

    @property
    def class_words(self) -> str:
        """The class in French, or why it is not known."""
        if self.zone_class:
            return ZONE_CLASSES[self.zone_class]
        if self.gap:
            return "lacune : contenu non chargé"
        return "non couvert" if self.order_id else "aucun arrêté connu"


def first_order(
    place: Place, catalogue: Catalogue, profession: str = "medecin", known_on: date | None = None
) -> date | None:
    """Give the first possible day of effect of the orders known for a place; None for none."""
    tracks = (catalogue.track(elit, profession, known_on, place.foci[0]) for elit in place.elits)
    return min((spell.effective.first for track in tracks for spell in track.spells), default=None)


def place_history(
    place: Place,
    catalogue: Catalogue,
    first: date,
    last: date,
    profession: str = "medecin",
    known_on: date | None = None,
) -> tuple[Stretch, ...]:
    """Give the stretches of each part of a place between two days, both included.

    A day of effect known only to the month is taken at its earliest.
    """
    found: dict[Stretch, None] = {}
    for elit in place.elits:
        for item in _of_elit(elit, place, catalogue, first, last, profession, known_on):
            found[item] = None
    return tuple(sorted(found, key=lambda item: (item.start, item.commune)))


def place_changes(place: Place, first: date, last: date) -> tuple[Change, ...]:
    """Give the mergers, renamings and other changes of the communes of a place between two days.

    Examples
    --------
    >>> from cesp_geo.siting.place import resolve
    >>> from cesp_geo.zonings.catalogue import Catalogue
    >>> day = date(2025, 6, 1)
    >>> place = resolve("Saint-Denis (93)", day, Catalogue.load())
    >>> sorted({item.day for item in place_changes(place, date(2012, 1, 1), day)})
    ['2025-01-01']
    """
    codes = sorted({item.code for item in place.communes})
    return tuple(item for code in codes for item in communes.history(code, first, last))


def _lane(place: Place, tenure: Commune) -> str:
    """The place as it is named while its part is in a commune: its own name inside it, if any."""
    name = f"{tenure.name} ({tenure.code})"
    if place.unit_type == "commune":
        return name
    return f"{place.unit_name} ({place.unit_code}), {name}"


def _of_elit(
    elit: int,
    place: Place,
    catalogue: Catalogue,
    first: date,
    last: date,
    profession: str,
    known_on: date | None,
) -> Iterator[Stretch]:
    track = catalogue.track(elit, profession, known_on, place.foci[0])
    question = question_for(last, profession)
    periods = eligible_periods(track, question)
    follows = [*(item[3] for item in periods[1:]), True]
    for (start, end, spell, eligible), next_one in zip(periods, follows, strict=True):
        lost = eligible and not next_one
        for tenure in communes.tenures(elit):
            begin = max(start, tenure.period.start, first)
            stop = min(end, tenure.period.end or end, last + timedelta(days=1))
            if begin >= stop:
                continue
            rule = list_rule(last)
            ends = lost and stop == end
            last_day = stop - timedelta(days=1)
            until = last_day_reached(last_day, rule.years) if ends and rule else None
            yield Stretch(
                _lane(place, tenure),
                begin,
                stop,
                spell.order_id if spell else "",
                catalogue.order(spell.order_id, profession, known_on) if spell else None,
                spell.gap if spell else False,
                spell.standing.zone_class if spell else None,
                eligible,
                until if until and list_rule(until) else None,
            )
