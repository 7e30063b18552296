"""The national list: places that may be on it, and those that may be kept on it.

Rule: code de l'éducation, art. L. 632-6 (three years before the publication of the list). From
zonings alone it is the list of *lieux susceptibles d'être inscrits*: the list itself is drawn up
from the needs of the ARS.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.law import class_parameter
from cesp_geo.law.parameters import Dated
from cesp_geo.siting.calendar import refuse_empty_day
from cesp_geo.siting.check import question_for
from cesp_geo.siting.eligibility import (
    ELIGIBLE,
    MAINTAINED,
    MAY_BE_MAINTAINED,
    NOT_ELIGIBLE,
    UNDETERMINED,
    Judgement,
    Question,
    judge,
)
from cesp_geo.siting.list_rule import list_parameters, replayed_rule
from cesp_geo.siting.listed import ListedPlace, NationalList
from cesp_geo.siting.mentions import Mention, Named, read_mentions
from cesp_geo.siting.reasons import open_reason
from cesp_geo.siting.survey import units_of
from cesp_geo.siting.words import REASON_WORDS, VERDICT_ORDER
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import Designation, Zoning
from cesp_geo.zonings.track import Doubt, Focus, Spell, Track, reading_codes

__all__ = ["ListedPlace", "NationalList", "national_list"]

TITLE = "Lieux susceptibles d'être inscrits sur la liste nationale"
UNPLACED = (
    "Le zonage classe ce quartier sans dire dans quelles communes il se trouve. Réimportez-le avec "
    "les codes des communes."
)


def national_list(
    catalogue: Catalogue,
    published_on: date,
    previous: Iterable[str | Mention] | None = None,
    decisions: Iterable[str | Mention] | None = None,
    profession: str = "medecin",
    *,
    years: int | None = None,
    window: str | None = None,
    known_on: date | None = None,
    everything: bool = False,
) -> NationalList:
    """Draw up the places that may be on a national list.

    Parameters
    ----------
    catalogue : Catalogue
    published_on : datetime.date
    previous : iterable of str or Mention, optional
        Codes on an earlier list: reported, and by itself no ground to be kept.
    decisions : iterable of str or Mention, optional
        Codes that a recorded decision, dated at the latest that day, keeps on the list; each
        is read on the day of its decision.
    profession : str
    years, window : optional
        Replay the rule with another length, or ``throughout`` instead of ``any``.
    known_on : datetime.date, optional
    everything : bool
        Also give the places that are not eligible.

    Returns
    -------
    NationalList

    Raises
    ------
    LawError
        If the profession is unknown, the window is no window, or a rule is replayed for a day
        that had none.
    DateError
        If no order is known that day anywhere.

    Examples
    --------
    >>> found = national_list(Catalogue.load(), date(2018, 1, 1))
    >>> next(item.status for item in found.places if item.code == "93008")
    'eligible'
    """
    question = question_for(
        published_on, profession, published_on, replay=replayed_rule(published_on, years, window)
    )
    known = known_on or catalogue.last_recorded
    refuse_empty_day(catalogue, published_on, profession, known_on=known)
    communes.preload()
    before = None if previous is None else read_mentions(previous, catalogue, published_on)
    kept = read_mentions(decisions or (), catalogue, published_on)
    drawing = _Drawing(catalogue, question, known, before, kept, everything)
    places = sorted(drawing.places(), key=attrgetter("region", "code", "former"))
    return NationalList(
        TITLE,
        published_on,
        profession,
        known,
        question.rule,
        tuple(places),
        tuple(sorted(drawing.missing)),
        tuple(sorted(drawing.unordered)),
        (*(before.remarks if before else ()), *kept.remarks),
    )


@lru_cache
def _class_rule(profession: str, zone_class: str, region: str, day: date) -> tuple[Dated, ...]:
    known = class_parameter(profession, zone_class, region)
    found = known and known.on(day)
    return (found,) if found else ()


class _Answer(NamedTuple):
    """What a row shows of the parts that it gathers: fields of the row, in its order."""

    status: str
    possible: tuple[str, ...]
    zone_class: str
    order_id: str
    last_eligible_day: date | None
    maintainable_until: date | None
    on_previous_list: bool | None
    rule: tuple[Dated, ...]
    last_order: str
    remark: str


class _Drawing:
    """What one list is drawn from, and the gaps met on the way."""

    def __init__(
        self,
        catalogue: Catalogue,
        question: Question,
        known_on: date,
        previous: Named | None,
        kept: Named,
        everything: bool,
    ) -> None:
        self.catalogue = catalogue
        self.question = question
        self.known_on = known_on
        self.previous = previous
        self.kept = kept
        self.everything = everything
        self.missing: set[str] = set()
        self.unordered: set[str] = set()
        self._judged: dict[tuple[Track, bool, bool | None], _Answer] = {}
        self._known: dict[_Answer, _Answer] = {}
        self.versions = [
            entry.zoning
            for region in catalogue.regions
            for entry in catalogue.timeline(region, question.profession, known_on)
            if entry.zoning and entry.effective.first <= question.on
        ]
        located = {(item.id, code) for item in self.versions for code in item.by_subunit}
        self._outside = Focus(point=True, located=frozenset(located))

    def places(self) -> Iterator[ListedPlace]:
        """Every commune and municipal arrondissement of the day, and every designated sub-unit."""
        units = units_of(self.question.on)
        answers = self._answers(chain.from_iterable(unit.elits for unit in units), self._outside)
        for unit in units:
            # Most never changed: such a commune is one row, and is read in its own name.
            elit = unit.elits[0]
            if len(unit.elits) > 1 or communes.tenures(elit) != (unit,):
                yield from self._parts(unit, answers)
            elif self._shows(answer := answers[elit]):
                people = communes.population_of(unit)
                yield self._row(unit, unit.elits, answer, "", (unit.code,), people)
        yield from self._subunits()

    def _parts(self, unit: Commune, answers: Mapping[int, _Answer]) -> Iterator[ListedPlace]:
        """One row, or one a part where the parts of a merged commune differ."""
        parts: dict[int, tuple[int, ...]] = {}
        for elit in unit.elits:
            key = id(answers[elit])
            parts[key] = (*parts.get(key, ()), elit)
        for elits in parts.values():
            answer = answers[elits[0]]
            if self._shows(answer):
                zoning = self.catalogue.zonings.get(answer.order_id)
                codes = reading_codes(zoning, elits[0], unit) if zoning else ()
                former = _former(unit, elits, len(parts) == 1, self.question.on)
                yield self._row(unit, elits, answer, former, codes, communes.inhabitants(elits))

    def _row(
        self,
        unit: Commune,
        elits: tuple[int, ...],
        answer: _Answer,
        former: str,
        codes: Iterable[str],
        people: int | None,
    ) -> ListedPlace:
        """The row of some parts of a commune, which an order names by the first known of codes."""
        tvs = ""
        if zoning := self.catalogue.zonings.get(answer.order_id):
            for code in codes:
                if item := zoning.by_commune.get(code):
                    tvs = item.tvs_name
                    break
        return ListedPlace(
            unit.kind,
            unit.code,
            unit.name,
            former,
            unit.region,
            unit.departement,
            tvs,
            people,
            *answer,
            elits,
            self._outside,
        )

    def _shows(self, answer: _Answer) -> bool:
        return self.everything or answer.status != NOT_ELIGIBLE

    def _answers(self, elits: Iterable[int], focus: Focus) -> dict[int, _Answer]:
        """The answer of each part; equal answers are one object."""
        parts = tuple(elits)
        tracks = self.catalogue.tracks(parts, self.question.profession, self.known_on, focus)
        kept = self.kept.among(parts, focus.subunit)
        before = None if self.previous is None else self.previous.among(parts, focus.subunit)
        found = {}
        for elit in parts:
            key = (tracks[elit], elit in kept, None if before is None else elit in before)
            if (answer := self._judged.get(key)) is None:
                answer = self._judge(*key)
                answer = self._judged[key] = self._known.setdefault(answer, answer)
            found[elit] = answer
        return found

    def _judge(self, track: Track, kept: bool, before: bool | None) -> _Answer:
        judgement = judge(track, self.question)
        status = judgement.verdict
        if status == UNDETERMINED:
            given = {spell.given_by for spell in judgement.unknowns if spell}
            self.missing |= given - self.catalogue.zonings.keys()
            if None in judgement.unknowns:
                self.unordered.add(track.region)
        possible = judgement.possible
        if kept and MAY_BE_MAINTAINED in possible:
            possible = possible - {MAY_BE_MAINTAINED} | {MAINTAINED}
            status = MAINTAINED if status == MAY_BE_MAINTAINED else status
        spell = judgement.on_list[0] if len(judgement.on_list) == 1 else None
        return _Answer(
            status,
            tuple(sorted(possible, key=VERDICT_ORDER.index)),
            (spell.standing.zone_class or "") if spell else "",
            spell.given_by if spell else "",
            judgement.last_eligible_day,
            judgement.maintainable_until,
            before,
            self._rule(status, spell),
            judgement.last_order,
            _why(track, judgement) if status == UNDETERMINED else "",
        )

    def _subunits(self) -> Iterator[ListedPlace]:
        latest: dict[str, tuple[Zoning, Designation]] = {}
        for zoning in sorted(self.versions, key=lambda item: item.order.takes_effect):
            for code, item in zoning.by_subunit.items():
                latest[code] = zoning, item
        for code, (zoning, item) in sorted(latest.items()):
            day = date(zoning.millesime, 1, 1)
            then = [found for own in item.commune_codes if (found := communes.by_code(own, day))]
            elits = tuple(dict.fromkeys(elit for commune in then for elit in commune.elits))
            focus = Focus(subunit=code)
            answers = list(dict.fromkeys(self._answers(elits, focus).values()))
            answer = _common(answers) if answers else _unplaced(zoning)
            if not self._shows(answer):
                continue
            holder = next((communes.commune_on(elit, self.question.on) for elit in elits), None)
            yield ListedPlace(
                item.unit_type,
                code,
                item.unit_name,
                ", ".join(f"{commune.name} ({commune.code})" for commune in then),
                holder.region if holder else zoning.region,
                holder.departement if holder else "",
                item.tvs_name,
                None,
                *answer,
                elits,
                focus,
            )

    def _rule(self, status: str, spell: Spell | None) -> tuple[Dated, ...]:
        """What of the law gives the status: the class of the day, or the rule of the list."""
        if status in (MAY_BE_MAINTAINED, MAINTAINED):
            return list_parameters(self.question.on)
        if status == UNDETERMINED or spell is None or spell.standing.zone_class is None:
            return ()
        return _class_rule(
            self.question.profession, spell.standing.zone_class, spell.region, self.question.on
        )


def _former(unit: Commune, elits: Sequence[int], whole: bool, day: date) -> str:
    """The communes that a row's parts were before; for a whole one, those that lost their code."""
    ended = [
        item
        for elit in elits
        for item in communes.tenures(elit)
        if item.period.end is not None and item.period.end <= day
    ]
    if not ended:
        return ""
    lost = [
        item for item in ended if (item.code != unit.code if whole else item.elits != unit.elits)
    ]
    return ", ".join(dict.fromkeys(f"{item.name} ({item.code})" for item in lost))


def _common(answers: Sequence[_Answer]) -> _Answer:
    """What the parts of a unit have in common; where they differ, every verdict that remains."""
    first = answers[0]
    if len(answers) == 1:
        return first
    classes = {item.zone_class for item in answers}
    orders = {item.order_id for item in answers}
    statuses = {item.status for item in answers}
    last = [item.last_eligible_day for item in answers]
    until = [item.maintainable_until for item in answers]
    remarks = [item.remark for item in answers]
    if len(statuses) > 1:
        remarks.insert(0, REASON_WORDS["parts_differ"])
    return _Answer(
        statuses.pop() if len(statuses) == 1 else UNDETERMINED,
        tuple(name for name in VERDICT_ORDER if any(name in item.possible for item in answers)),
        classes.pop() if len(classes) == 1 else "",
        orders.pop() if len(orders) == 1 else "",
        None if None in last else min(day for day in last if day),
        None if None in until else min(day for day in until if day),
        first.on_previous_list,
        first.rule if len({item.rule for item in answers}) == 1 else (),
        first.last_order if len({item.last_order for item in answers}) == 1 else "",
        " ".join(dict.fromkeys(filter(None, remarks))),
    )


def _unplaced(zoning: Zoning) -> _Answer:
    possible = (ELIGIBLE, MAY_BE_MAINTAINED, NOT_ELIGIBLE)
    return _Answer(UNDETERMINED, possible, "", zoning.id, None, None, None, (), "", UNPLACED)


def _why(track: Track, judgement: Judgement) -> str:
    """Why an answer is undetermined, in French, with the orders whose content is missing."""
    none = "before_first_order" if track.spells else "no_zoning_for_profession"
    reason = open_reason([judgement]) or none
    if reason not in ("window_not_known", "content_not_loaded"):
        return REASON_WORDS[reason]
    doubtful = filter(None, judgement.unknowns)
    gaps = [spell.given_by for spell in doubtful if Doubt.GAP in spell.standing.doubts]
    named = f" ({', '.join(dict.fromkeys(gaps))})" if gaps else ""
    return f"{REASON_WORDS[reason].rstrip('.')}{named}."
