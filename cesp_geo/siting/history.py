"""Every class a place ever had: orders, gaps, mergers, eligibility, three-year cover."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cesp_geo import communes
from cesp_geo.communes import Change, Commune
from cesp_geo.dates import Period, last_day_reached
from cesp_geo.siting.check import question_for
from cesp_geo.siting.eligibility import eligible_periods
from cesp_geo.siting.list_rule import list_rule
from cesp_geo.siting.place import Place
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES, Order
from cesp_geo.zonings.track import Doubt

_ANSWERS = {True: "éligible", False: "non éligible", None: "inconnu"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days ``[start, end)`` of a place, or of some of its parts, under one order.

    ``order`` is None where none is known, ``eligible`` where it is not known, or where the CESP
    did not exist yet (``before_cesp``);
    ``maintainable_until`` is the last list that may keep the place, where the stretch ends with
    the loss of its eligibility: not where it goes on, nor where the days asked about end.
    ``parts`` are the arrondissements, former communes or communes that the stretch holds for,
    empty where it holds for the whole place; ``commune`` names what it holds for.
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
    parts: tuple[Commune, ...] = ()
    before_cesp: bool = False

    @property
    def answer_words(self) -> str:
        """Whether the place was eligible, in French."""
        if self.before_cesp:
            return "sans objet : le CESP n'existait pas encore"
        return _ANSWERS[self.eligible]

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
    """Give the stretches of a place and of its parts between two days, both included.

    What holds for several parts is one stretch. A day of effect known only to the month is
    taken at its earliest.
    """
    own = {elit: _part(elit, last) for elit in place.elits}
    held: dict[Stretch, list[Commune]] = {}
    for elit in place.elits:
        for item in _joined(_of_elit(elit, place, catalogue, first, last, profession, known_on)):
            held.setdefault(item, []).append(own[elit])
    found = [
        item if len(parts) == len(own) else _of_parts(item, parts) for item, parts in held.items()
    ]
    return tuple(sorted(found, key=lambda item: (item.start, *map(_rank, item.parts))))


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


def told(changes: Iterable[Change]) -> tuple[tuple[date, str], ...]:
    """Tell changes in French, those of one day that make or unmake one commune in one line.

    Examples
    --------
    >>> told([Change("2025-01-01", "création de commune nouvelle", "93059", "93066")])[0][1]
    'création de commune nouvelle : Pierrefitte-sur-Seine (93059) devient Saint-Denis (93066)'
    """
    groups: dict[tuple[str, str, str], list[Change]] = {}
    for item in changes:
        common = item.before if item.reason == "rétablissement" else item.after
        groups.setdefault((item.day, item.reason, common), []).append(item)
    lines = []
    for (written, reason, _), group in sorted(groups.items()):
        day = date.fromisoformat(written)
        before = list(dict.fromkeys(_named(item.before, day - timedelta(1)) for item in group))
        after = list(dict.fromkeys(_named(item.after, day) for item in group))
        verb = "deviennent" if len(before) > 1 else "devient"
        lines.append((day, f"{reason} : {listed(before)} {verb} {listed(after)}"))
    return tuple(lines)


def _named(code: str, day: date) -> str:
    found = communes.by_code(code, day)
    return f"{found.name} ({code})" if found else code


def listed(names: Sequence[str], room: int | None = None) -> str:
    """List names in French; those beyond some room, in characters, are only counted.

    Examples
    --------
    >>> listed(["Baugé", "Bocé", "Cuon"]), listed(["Baugé", "Bocé", "Cuon"], 17)
    ('Baugé, Bocé et Cuon', 'Baugé et 2 autres')
    """
    for shown in range(len(names), 0, -1):
        rest = len(names) - shown
        more = [f"{rest} autre{'s' if rest > 1 else ''}"] if rest else []
        *heads, tail = [*names[:shown], *more]
        text = f"{', '.join(heads)} et {tail}" if heads else tail
        if room is None or len(text) <= room:
            break
    return text


def parts_words(parts: Sequence[Commune], room: int | None = None) -> str:
    """Name parts of a place in French."""
    several = "s" if len(parts) > 1 else ""
    if len({item.parent for item in parts}) == 1 and parts[0].parent:
        return f"{listed([item.name.split()[-2] for item in parts], room)} arrondissement{several}"
    former = f"ancienne{several} " if all(item.period.end for item in parts) else ""
    names = listed([f"{item.name} ({item.code})" for item in parts], room)
    return f"{former}commune{several} {names}"


def _part(elit: int, on: date) -> Commune:
    """What an élit is called where the place has several: an arrondissement, or a commune."""
    tenures = communes.tenures(elit)
    return communes.arrondissement_on(elit, on) or min(
        reversed(tenures), key=lambda item: len(item.elits)
    )


def _rank(part: Commune) -> tuple[str, date]:
    return part.code, part.period.start


def _of_parts(item: Stretch, parts: Iterable[Commune]) -> Stretch:
    some = tuple(sorted(parts, key=_rank))
    return replace(item, commune=f"{item.commune}, {parts_words(some)}", parts=some)


def _lanes(place: Place, elit: int) -> Iterator[tuple[str, Period]]:
    """How the place is named, and in which days: by its commune of then where it is one part."""
    own = f"{place.unit_name} ({place.unit_code})"
    tenures = communes.tenures(elit)
    if len(place.elits) > 1:
        yield own, Period(tenures[0].period.start, tenures[-1].period.end)
        return
    for tenure in tenures:
        name = f"{tenure.name} ({tenure.code})"
        yield name if place.unit_type == "commune" else f"{own}, {name}", tenure.period


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Join stretches that follow each other and differ by their days only."""
    held: Stretch | None = None
    for item in stretches:
        if held and held == replace(
            item, start=held.start, end=item.start, maintainable_until=None
        ):
            held = replace(item, start=held.start)
            continue
        if held:
            yield held
        held = item
    if held:
        yield held


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
        before_cesp = start < question.opened_on
        for name, period in _lanes(place, elit):
            begin = max(start, period.start, first)
            stop = min(end, period.end or end, last + timedelta(days=1))
            if begin >= stop:
                continue
            rule = list_rule(last)
            ends = lost and stop == end
            last_day = stop - timedelta(days=1)
            until = last_day_reached(last_day, rule.years) if ends and rule else None
            yield Stretch(
                name,
                begin,
                stop,
                spell.given_by if spell else "",
                catalogue.order(spell.given_by, profession, known_on) if spell else None,
                bool(spell and Doubt.GAP in spell.standing.doubts),
                spell.standing.zone_class if spell else None,
                None if before_cesp else eligible,
                until if until and list_rule(until) else None,
                before_cesp=before_cesp,
            )
