"""Is a part eligible on a day, and what is its status on a national list: pure judgements.

What is not known is a variable: a class that we do not hold (constant while one order rules
the part), a day of effect known only to the month. A judgement goes through every case that
remains and keeps the set of verdicts they give; it is determined when that set has one
element. RULES: which classes count (arrêté du 13/11/2017, SROS), the zoning in force, and the
three-year rule of code de l'éducation, art. L. 632-6.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise, product

from cesp_geo.law import class_parameter
from cesp_geo.law.parameters import REFORM
from cesp_geo.siting.list_rule import ListRule, maintainable_until
from cesp_geo.zonings.track import Spell, Track

ELIGIBLE = "eligible"
MAINTAINED = "maintained"
MAY_BE_MAINTAINED = "may_be_maintained"
NOT_ELIGIBLE = "not_eligible"
UNDETERMINED = "undetermined"

_MOST_UNKNOWNS = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a track.

    Attributes
    ----------
    on : datetime.date
        The day the law looks at: that of installation.
    profession : str
    list_day : datetime.date or None
        Day of publication of a national list, the second door.
    rule : ListRule or None
        The rule of that list.
    applied_on : datetime.date or None
        Day of the application, where the law is dated by it.
    opened_on : datetime.date
        First day of the CESP for the profession: before it nothing was eligible.
    """

    on: date
    profession: str
    list_day: date | None
    rule: ListRule | None
    applied_on: date | None
    opened_on: date


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a track gives for a question.

    Attributes
    ----------
    possible : frozenset of str
        The verdicts that remain; one when the answer is determined.
    on : tuple of (Spell or None)
        What may rule on the day asked; None stands for "no order known yet".
    on_list : tuple of (Spell or None)
        The same on the list's day; empty without one.
    bearing : tuple of (Spell or None)
        What bears on the answer: on the day asked, on the list's day, in the list's window.
    unknowns : tuple of (Spell or None)
        What of it is not known, in order.
    last_eligible_day, maintainable_until : datetime.date or None
        The least that is known: the last day of certain eligibility up to the list's day (or
        the day asked), and the last list on which the place may still be kept.
    last_order : str
        Id of the order of that last day, empty for none.
    """

    possible: frozenset[str]
    on: tuple[Spell | None, ...]
    on_list: tuple[Spell | None, ...]
    bearing: tuple[Spell | None, ...]
    unknowns: tuple[Spell | None, ...]
    last_eligible_day: date | None
    maintainable_until: date | None
    last_order: str

    @property
    def verdict(self) -> str:
        """The verdict, ``undetermined`` where several remain."""
        return next(iter(self.possible)) if len(self.possible) == 1 else UNDETERMINED


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days ``[start, end)`` under one spell; ``eligible`` None where it is not known."""

    start: date
    end: date
    spell: Spell | None
    eligible: bool | None


@lru_cache(maxsize=65536)
def judge(track: Track, question: Question) -> Judgement:
    """Judge a track.

    Parameters
    ----------
    track : Track
    question : Question

    Returns
    -------
    Judgement
    """
    last = max(question.on, question.list_day or question.on)
    reference = question.list_day or question.on
    possible: set[str] = set()
    on: list[Spell | None] = []
    on_list: list[Spell | None] = []
    bearing: list[Spell | None] = []
    unknowns: list[Spell | None] = []
    sure: list[tuple[date | None, str]] = []
    for days in _effective_days(track, question):
        stretches = _stretches(track, days, question, last + _DAY)
        possible |= _verdicts(stretches, question)
        _gather(on, [item.spell for item in stretches if item.start <= question.on < item.end])
        if question.list_day:
            _gather(
                on_list,
                [item.spell for item in stretches if item.start <= question.list_day < item.end],
            )
        near = [item for item in stretches if _bears(item, question)]
        _gather(bearing, [item.spell for item in near])
        _gather(unknowns, [item.spell for item in near if item.eligible is None])
        sure.append(_last_sure(stretches, reference))
    last_day, order = min(sure, key=lambda item: item[0] or date.min)
    return Judgement(
        frozenset(possible),
        tuple(on),
        tuple(on_list),
        tuple(bearing),
        tuple(unknowns),
        last_day,
        maintainable_until(last_day, question.rule),
        order,
    )


def eligible_periods(
    track: Track, question: Question
) -> tuple[tuple[date, date, Spell | None, bool | None], ...]:
    """Give the stretches ``[start, end)`` of a track up to the day asked, each with its answer.

    A day of effect known only to the month is taken at its earliest. The answer is None where
    it is not known; spell None stands for "no order known yet".
    """
    days = {spell.order_id: spell.effective.first for spell in track.spells}
    last = max(question.on, question.list_day or question.on)
    return tuple(
        (item.start, item.end, item.spell, item.eligible)
        for item in _stretches(track, days, question, last + _DAY)
    )


def _gather(found: list[Spell | None], spells: list[Spell | None]) -> None:
    found.extend(spell for spell in dict.fromkeys(spells) if spell not in found)


def _effective_days(track: Track, question: Question) -> Iterator[Mapping[str, date]]:
    """Every way in which days of effect known only to the month or year can change the answer."""
    critical = _critical_days(question)
    choices: dict[str, list[date]] = {}
    for spell in track.spells:
        first, end = spell.effective.first, spell.effective.last
        inside = {day for day in critical if first <= day <= end}
        choices[spell.order_id] = sorted({first, end} | inside)
    for days in product(*choices.values()):
        yield dict(zip(choices, days, strict=True))


def _critical_days(question: Question) -> set[date]:
    """The days between which an answer depends on nothing but what rules them."""
    critical = {question.on, question.on + _DAY}
    if question.list_day:
        critical |= {question.list_day, question.list_day + _DAY}
        if question.rule:
            start = question.rule.start(question.list_day)
            critical |= {start, start + _DAY}
    return critical


def _stretches(
    track: Track, days: Mapping[str, date], question: Question, end: date
) -> list[_Stretch]:
    cuts = {date.min, question.opened_on, *days.values()}
    for spell in track.spells:
        cuts.add(spell.during.start)
        if spell.during.end:
            cuts.add(spell.during.end)
        for zone_class in spell.standing.alternatives:
            if zone_class is not None:
                cuts |= _law_days(question.profession, zone_class, spell.region)
    if track.reform:
        cuts.add(track.reform)
    starts = sorted(cut for cut in cuts if cut < end)
    found: list[_Stretch] = []
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        ruling = _ruling(track, days, start)
        eligible = (
            False
            if start < question.opened_on
            else _counts(ruling, track.reform, question, start)
            if ruling
            else None
        )
        if (
            found
            and start != question.opened_on
            and (found[-1].spell, found[-1].eligible) == (ruling, eligible)
        ):
            found[-1] = _Stretch(found[-1].start, stop, ruling, eligible)
        else:
            found.append(_Stretch(start, stop, ruling, eligible))
    return found


def _ruling(track: Track, days: Mapping[str, date], day: date) -> Spell | None:
    """Which order rules on a day.

    A commune of a TVS that another region's ARS decides follows that ARS, unless its own
    region's order names it (FAQ DGOS 25/05/2018); a later order of its own region that we do
    not hold might.
    """
    own: Spell | None = None
    foreign: Spell | None = None
    for spell in track.spells:
        if days[spell.order_id] <= day and day in spell.during:
            if spell.own:
                if own is None or days[own.order_id] <= days[spell.order_id]:
                    own = spell
            elif foreign is None or days[foreign.order_id] <= days[spell.order_id]:
                foreign = spell
    if foreign is None or (own is not None and own.standing.named):
        return own
    if not (foreign.standing.named or foreign.gap):
        return own or foreign
    if own is not None and own.gap and days[own.order_id] > days[foreign.order_id]:
        return own
    return foreign


@lru_cache
def _law_days(profession: str, zone_class: str, region: str) -> frozenset[date]:
    found = class_parameter(profession, zone_class, region)
    values = found.values if found else ()
    ends = {value.until for value in values if isinstance(value.until, date)}
    return frozenset({value.start for value in values} | ends)


def _counts(spell: Spell, reform: date | None, question: Question, day: date) -> bool | None:
    answers = {
        None
        if zone_class is None
        else _class_counts(zone_class, spell.region, reform, question, day)
        for zone_class in spell.standing.alternatives
    }
    return answers.pop() if len(answers) == 1 else None


def _class_counts(
    zone_class: str, region: str, reform: date | None, question: Question, day: date
) -> bool | None:
    found = class_parameter(question.profession, zone_class, region)
    if found is None:
        return None
    dated = found.values[-1].dated_by
    value = found.on(question.applied_on or day if dated == "application" else day)
    if value is None or (value.until == REFORM and reform is not None and reform <= day):
        return None
    return None if value.value is None else bool(value.value)


def class_value(profession: str, zone_class: str, region: str, day: date) -> bool | None:
    """Say whether a class counts on a day; None where no text says.

    Examples
    --------
    >>> class_value("medecin", "ZIP", "11", date(2022, 1, 1))
    True
    """
    found = class_parameter(profession, zone_class, region)
    dated = found and found.on(day)
    return None if not dated or dated.value is None else bool(dated.value)


def _bears(stretch: _Stretch, question: Question) -> bool:
    if stretch.start <= question.on < stretch.end:
        return True
    if question.list_day is None:
        return False
    start = question.rule.start(question.list_day) if question.rule else question.list_day
    return stretch.start <= question.list_day and start < stretch.end


def _verdicts(stretches: list[_Stretch], question: Question) -> set[str]:
    parts = list(_constant(stretches, question))
    free = [key for item, key in parts if item.eligible is None and _bears(item, question)]
    unknown = list(dict.fromkeys(free))
    if len(unknown) > _MOST_UNKNOWNS:
        return {ELIGIBLE, NOT_ELIGIBLE} | ({MAY_BE_MAINTAINED} if question.list_day else set())
    found = set()
    for answers in product((True, False), repeat=len(unknown)):
        case = dict(zip(unknown, answers, strict=True))
        days = [
            (item.start, item.end)
            for item, key in parts
            if (case.get(key, False) if item.eligible is None else item.eligible)
        ]
        found.add(_status(days, question))
    return found


def _constant(
    stretches: list[_Stretch], question: Question
) -> Iterator[tuple[_Stretch, Spell | date]]:
    """Give the stretches in which one class rules, each with what its class is known by.

    The class of a known order is one; where no order is known, nothing says that it stayed so.
    """
    for item in stretches:
        if item.spell:
            yield item, item.spell
            continue
        cuts = sorted(day for day in _critical_days(question) if item.start < day < item.end)
        for start, end in pairwise([item.start, *cuts, item.end]):
            yield replace(item, start=start, end=end), start


def _status(eligible: list[tuple[date, date]], question: Question) -> str:
    """The two doors: the zoning on the day, then the list's window."""
    if any(start <= question.on < end for start, end in eligible):
        return ELIGIBLE
    published = question.list_day
    if published is None:
        return NOT_ELIGIBLE
    if any(start <= published < end for start, end in eligible):
        return ELIGIBLE
    if question.rule is None:
        return NOT_ELIGIBLE
    first = question.rule.start(published)
    inside = [
        (max(start, first), min(end, published))
        for start, end in eligible
        if start < published and first < end
    ]
    if question.rule.window == "throughout":
        covered = sum((end - start).days for start, end in inside)
        return MAY_BE_MAINTAINED if covered == (published - first).days else NOT_ELIGIBLE
    return MAY_BE_MAINTAINED if inside else NOT_ELIGIBLE


def _last_sure(stretches: list[_Stretch], reference: date) -> tuple[date | None, str]:
    for item in reversed(stretches):
        if item.eligible and item.start <= reference:
            last = min(item.end - _DAY, reference)
            return last, item.spell.given_by if item.spell else ""
    return None, ""
