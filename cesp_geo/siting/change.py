"""What a day changes in one place: before and after, touched or not, and by which orders."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cesp_geo import communes
from cesp_geo.dates import french_day
from cesp_geo.siting.check import check_site, question_for
from cesp_geo.siting.eligibility import ELIGIBLE, UNDETERMINED, Judgement, judge
from cesp_geo.siting.orders import name_order
from cesp_geo.siting.place import Place
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import POSSIBLE_WORDS, REASON_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.track import Spell, Track

_SEVERAL_READINGS = frozenset({"near_border", "parts_differ", "inseparable_group"})


@dataclass(frozen=True, slots=True)
class Effect:
    """A day of effect, compared with its eve; ``zoning_id`` is the version asked, if one is."""

    catalogue: Catalogue
    on: date
    profession: str
    known_on: date | None = None
    zoning_id: str = ""

    @property
    def eve(self) -> date:
        """The day before."""
        return self.on - timedelta(days=1)

    def begins(self, order_id: str) -> bool:
        """Whether an order takes effect that day, or may."""
        days = self.catalogue.order(order_id, self.profession, self.known_on).takes_effect
        return days.first <= self.on <= days.last

    def order_name(self, order_id: str) -> str:
        """Name an order in French."""
        return name_order(self.catalogue.order(order_id, self.profession, self.known_on))


@dataclass(frozen=True, slots=True)
class Change:
    """What a day changes in one place.

    Attributes
    ----------
    before, after : Verdict
    touched : bool or None
        Whether the answer changes, by the version asked if one is; None where it is not known.
    orders : tuple of str
        Ids of the orders that change it, or else that rule the place.
    reason : str
        Why it is not known, or is not of the version asked, in French.
    """

    before: Verdict
    after: Verdict
    touched: bool | None
    orders: tuple[str, ...]
    reason: str = ""

    @property
    def covered_until(self) -> date | None:
        """The last list that may keep the place, where one day holds for all that it may be."""
        if self.after.verdict == ELIGIBLE or self.after.reason_code in _SEVERAL_READINGS:
            return None
        if self.after.verdict == UNDETERMINED and self.before.verdict != ELIGIBLE:
            return None
        return self.after.maintainable_until

    @property
    def zonings(self) -> tuple[str, ...]:
        """Ids of the versions used."""
        used = (*self.before.data, *self.after.data)
        return tuple(sorted({item["zoning_id"] for item in used}))


@dataclass(frozen=True, slots=True)
class _Part:
    elit: int
    track: Track
    before: Judgement
    after: Judgement

    @property
    def changed(self) -> bool:
        """Whether its answer changes, or may: neither is certain, and the order is another."""
        if UNDETERMINED not in (self.before.verdict, self.after.verdict):
            return self.before.verdict != self.after.verdict
        return self.before.possible != self.after.possible or _given(self.before) != _given(
            self.after
        )


def change_of(place: Place, then: Place, effect: Effect) -> Change:
    """Compare a place with what it was on the eve.

    Parameters
    ----------
    place, then : Place
        The same place, as read on the day and on the eve.
    effect : Effect

    Returns
    -------
    Change
        Untouched where nothing is certain but each part keeps its order and its class.
    """
    before, after = (
        check_site(
            read,
            on=day,
            profession=effect.profession,
            known_on=effect.known_on,
            catalogue=effect.catalogue,
        )
        for read, day in ((then, effect.eve), (place, effect.on))
    )
    parts = tuple(_parts(place, effect))
    orders = _orders(parts, effect)
    certain = UNDETERMINED not in (before.verdict, after.verdict)
    touched: bool | None = before.verdict != after.verdict
    if not certain:
        touched = None if any(part.changed for part in parts) else False
    reasons = list(_doubts(before, after, effect))
    if after.reason_code == "near_border":
        reasons.append(_both_sides(parts, effect.on))
    if touched is not False and effect.zoning_id and effect.zoning_id not in orders:
        touched = False
        names = " et de ".join(map(effect.order_name, orders)) or "la loi"
        reasons.insert(0, f"Ce lieu dépend de {names}, et non du zonage demandé.")
    return Change(before, after, touched, orders, " ".join(reasons))


def _doubts(before: Verdict, after: Verdict, effect: Effect) -> Iterator[str]:
    """Why an answer is not known, as its verdict says it."""
    days: dict[str, list[str]] = {}
    for verdict, day in ((before, effect.eve), (after, effect.on)):
        if verdict.verdict == UNDETERMINED:
            possible = " ou ".join(POSSIBLE_WORDS[item] for item in verdict.possible)
            texts = (f"{possible}.", REASON_WORDS[verdict.reason_code], *verdict.would_change)
            days.setdefault(" ".join(texts), []).append(french_day(day))
    for text, same in days.items():
        yield f"Le {' et le '.join(same)} : {text}"


def _both_sides(parts: Sequence[_Part], day: date) -> str:
    """What each commune near a border gives."""
    sides: dict[str, set[str]] = {}
    for part in parts:
        if holder := communes.commune_on(part.elit, day):
            sides.setdefault(f"{holder.name} ({holder.code})", set()).update(part.after.possible)
    words = (
        f"{name} : {' ou '.join(POSSIBLE_WORDS[item] for item in sorted(possible))}"
        for name, possible in sides.items()
    )
    return f"{' ; '.join(words)}."


def _parts(place: Place, effect: Effect) -> Iterator[_Part]:
    eve, day = (question_for(each, effect.profession) for each in (effect.eve, effect.on))
    for elit in (*place.elits, *(elit for near in place.near for elit in near.elits)):
        for focus in place.foci:
            track = effect.catalogue.track(elit, effect.profession, effect.known_on, focus)
            yield _Part(elit, track, judge(track, eve), judge(track, day))


def _given(judgement: Judgement) -> frozenset[object]:
    return frozenset(spell and (spell.given_by, spell.standing) for spell in judgement.on)


def _orders(parts: Sequence[_Part], effect: Effect) -> tuple[str, ...]:
    """The orders of the day that change some parts, or else those that give their class."""

    def starting(spells: Iterable[Spell | None]) -> set[str]:
        return {
            spell.given_by if effect.begins(spell.given_by) else spell.order_id
            for spell in spells
            if spell and spell.effective.first <= effect.on <= spell.effective.last
        }

    changed = [part for part in parts if part.changed]
    found = (
        starting(spell for part in changed for spell in part.after.on)
        or starting(spell for part in changed for spell in part.track.spells)
        or {spell.given_by for part in parts for spell in part.after.on if spell}
    )
    return tuple(sorted(found))
