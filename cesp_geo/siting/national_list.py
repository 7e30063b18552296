"""The national list: places that may be on it, and those that may be kept on it.

Rule: code de l'éducation, art. L. 632-6 (three years before the publication of the list). From
zonings alone it is the list of *lieux susceptibles d'être inscrits*: the list itself is drawn up
from the needs of the ARS.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.errors import LawError
from cesp_geo.law import class_parameter, parameter
from cesp_geo.law.parameters import Dated
from cesp_geo.siting.check import question_for
from cesp_geo.siting.eligibility import (
    MAINTAINED,
    MAY_BE_MAINTAINED,
    NOT_ELIGIBLE,
    UNDETERMINED,
    Judgement,
    ListRule,
    Question,
    judge,
    list_rule,
)
from cesp_geo.siting.words import VERDICT_ORDER
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import Designation, Zoning
from cesp_geo.zonings.track import Focus, Spell, reading_codes

TITLE = "Lieux susceptibles d'être inscrits sur la liste nationale"


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """One place (or one part of a commune whose parts differ) and its status on a list.

    Attributes
    ----------
    unit_type, code, name : str
        As on the day of the list.
    former : str
        Former communes of a part, or former codes of the place.
    region, departement : str
        Codes.
    tvs : str
        Name of the TVS, where the zoning says it.
    zone_class, order_id : str
        What the order in force gives; the gap's id where its content is not held.
    rule : tuple of Dated
        The parameters of the law that give the status.
    elits : tuple of int
        The parts that it consists of.
    focus : Focus
        What was asked about inside them.
    status : str
        ``eligible``, ``maintained``, ``may_be_maintained``, ``not_eligible``,
        ``undetermined``.
    possible : tuple of str
    last_eligible_day, maintainable_until : datetime.date or None
    on_previous_list : bool or None
    population : int or None
    """

    unit_type: str
    code: str
    name: str
    former: str
    region: str
    departement: str
    tvs: str
    zone_class: str
    order_id: str
    status: str
    possible: tuple[str, ...]
    last_eligible_day: date | None
    maintainable_until: date | None
    on_previous_list: bool | None
    population: int | None
    rule: tuple[Dated, ...]
    elits: tuple[int, ...]
    focus: Focus


@dataclass(frozen=True, slots=True)
class NationalList:
    """A list, with what it was drawn from.

    ``missing`` are the known orders whose content is not held and on which a status depends.
    """

    title: str
    published_on: date
    profession: str
    known_on: date
    rule: ListRule | None
    places: tuple[ListedPlace, ...]
    missing: tuple[str, ...]

    def counts(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        """Number of places and population by région code and status."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for item in self.places:
            number, people = found.get((item.region, item.status), (0, 0))
            found[item.region, item.status] = number + 1, people + (item.population or 0)
        return dict(sorted(found.items()))


def national_list(
    catalogue: Catalogue,
    published_on: date,
    previous: Iterable[str] | None = None,
    decisions: Iterable[str] | None = None,
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
    previous : iterable of str, optional
        Codes on an earlier list: reported, and by itself no ground to be kept.
    decisions : iterable of str, optional
        Codes that a recorded decision, dated at the latest that day, keeps on the list.
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
        If the profession is unknown or the window is no window.

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
    communes.preload()
    drawing = _Drawing(
        catalogue,
        question,
        known,
        None if previous is None else frozenset(previous),
        frozenset(decisions or ()),
    )
    places = [item for item in drawing.places() if everything or item.status != NOT_ELIGIBLE]
    return NationalList(
        TITLE,
        published_on,
        profession,
        known,
        question.rule,
        tuple(sorted(places, key=lambda item: (item.region, item.code, item.former))),
        tuple(sorted(drawing.missing)),
    )


def replayed_rule(published_on: date, years: int | None, window: str | None) -> ListRule | None:
    """Give the rule of a list with another length or window; None where nothing is replayed.

    Raises
    ------
    LawError
        If the window is no window.
    """
    if window not in (None, "any", "throughout"):
        raise LawError(f"Fenêtre inconnue : « {window} ». Choisissez any ou throughout.")
    rule = list_rule(published_on)
    if rule is None or not (years or window):
        return None
    return replace(rule, years=years or rule.years, window=window or rule.window)


@lru_cache
def list_parameters(published_on: date) -> tuple[Dated, ...]:
    """Give the parameters of the list's rule on a day, with their confidence."""
    names = ("liste.duree", "liste.fenetre", "liste.premier_jour_compris")
    found = (parameter("national_list", name, published_on) for name in names)
    return tuple(item for item in found if item is not None)


@lru_cache
def _class_rule(profession: str, zone_class: str, region: str, day: date) -> tuple[Dated, ...]:
    known = class_parameter(profession, zone_class, region)
    found = known and known.on(day)
    return (found,) if found else ()


class _Drawing:
    """What one list is drawn from, and the gaps met on the way."""

    def __init__(
        self,
        catalogue: Catalogue,
        question: Question,
        known_on: date,
        previous: frozenset[str] | None,
        decisions: frozenset[str],
    ) -> None:
        self.catalogue = catalogue
        self.question = question
        self.known_on = known_on
        self.previous = previous
        self.decisions = decisions
        self.missing: set[str] = set()
        self._with_subunits = [
            zoning
            for zoning in catalogue.zonings.values()
            if zoning.profession == question.profession and zoning.by_subunit
        ]

    def places(self) -> Iterator[ListedPlace]:
        """Every commune and municipal arrondissement of the day, and every designated sub-unit."""
        day = self.question.on
        split = {unit.parent for unit in communes.communes(day, "arrondissement_municipal")}
        for commune in communes.communes(day):
            if commune.code not in split:
                yield from self._commune(commune)
        for unit in communes.communes(day, "arrondissement_municipal"):
            yield from self._commune(unit)
        yield from self._subunits()

    def _commune(self, commune: Commune) -> Iterator[ListedPlace]:
        """One row, or one a part where the parts of a merged commune differ."""
        focus = Focus(point=True, located=frozenset(self._subunits_of(commune)))
        by_answer: dict[Judgement, list[int]] = {}
        for elit in commune.elits:
            by_answer.setdefault(self._judge(elit, focus), []).append(elit)
        whole = len(by_answer) == 1
        for judgement, elits in by_answer.items():
            former = dict.fromkeys(
                (item.code, item.name)
                for elit in elits
                for item in communes.tenures(elit)
                if item.code != commune.code and (not whole or item.period.end)
            )
            yield self._row(
                commune.kind,
                commune.code,
                commune.name,
                "" if whole and not former else ", ".join(f"{n} ({c})" for c, n in former),
                commune,
                tuple(elits),
                judgement,
                focus,
                whole,
            )

    def _subunits_of(self, commune: Commune) -> Iterator[tuple[str, str]]:
        for zoning in self._with_subunits:
            for elit in commune.elits:
                for code in reading_codes(zoning, elit, commune):
                    for item in zoning.subunits_of.get(code, ()):
                        yield zoning.id, item.unit_code

    def _judge(self, elit: int, focus: Focus) -> Judgement:
        track = self.catalogue.track(elit, self.question.profession, self.known_on, focus)
        judgement = judge(track, self.question)
        if judgement.verdict == UNDETERMINED:
            self.missing |= {spell.order_id for spell in judgement.unknowns if spell and spell.gap}
        return judgement

    def _subunits(self) -> Iterator[ListedPlace]:
        latest: dict[str, tuple[Zoning, Designation]] = {}
        for zoning in sorted(
            self.catalogue.zonings.values(), key=lambda item: item.order.takes_effect
        ):
            if zoning.profession == self.question.profession:
                for code, item in zoning.by_subunit.items():
                    latest[code] = zoning, item
        for code, (zoning, item) in sorted(latest.items()):
            then = [
                found
                for own in item.commune_codes
                if (found := communes.by_code(own, date(zoning.millesime, 1, 1)))
            ]
            elits = [elit for commune in then for elit in commune.elits]
            if not elits:
                continue
            focus = Focus(subunit=code)
            answers = dict.fromkeys(self._judge(elit, focus) for elit in elits)
            judgement = next(iter(answers))
            if len(answers) > 1:
                possible = frozenset().union(*(answer.possible for answer in answers))
                judgement = replace(judgement, possible=possible)
            holder = communes.commune_on(elits[0], self.question.on) or then[0]
            yield self._row(
                item.unit_type,
                code,
                item.unit_name,
                ", ".join(f"{commune.name} ({commune.code})" for commune in then),
                holder,
                tuple(dict.fromkeys(elits)),
                judgement,
                focus,
                False,
            )

    def _row(
        self,
        unit_type: str,
        code: str,
        name: str,
        former: str,
        holder: Commune,
        elits: tuple[int, ...],
        judgement: Judgement,
        focus: Focus,
        whole: bool,
    ) -> ListedPlace:
        status = judgement.verdict
        if status == MAY_BE_MAINTAINED and code in self.decisions:
            status = MAINTAINED
        spell = next(iter(judgement.on_list), None)
        designation = self._designation(spell, elits[0], holder, focus)
        return ListedPlace(
            unit_type=unit_type,
            code=code,
            name=name,
            former=former,
            region=holder.region,
            departement=holder.departement,
            tvs=designation.tvs_name if designation else "",
            zone_class=(spell.standing.zone_class or "") if spell else "",
            order_id=spell.order_id if spell else "",
            status=status,
            possible=tuple(sorted(judgement.possible, key=VERDICT_ORDER.index)),
            last_eligible_day=judgement.last_eligible_day,
            maintainable_until=judgement.maintainable_until,
            on_previous_list=None if self.previous is None else code in self.previous,
            population=communes.population(code) if whole else None,
            rule=self._rule(status, spell, judgement),
            elits=elits,
            focus=focus,
        )

    def _rule(self, status: str, spell: Spell | None, judgement: Judgement) -> tuple[Dated, ...]:
        """What of the law gives the status: the class of the day, or the rule of the list."""
        if status in (MAY_BE_MAINTAINED, MAINTAINED):
            return list_parameters(self.question.on)
        if status == UNDETERMINED or spell is None or spell.standing.zone_class is None:
            return ()
        return _class_rule(
            self.question.profession, spell.standing.zone_class, spell.region, self.question.on
        )

    def _designation(
        self, spell: Spell | None, elit: int, holder: Commune, focus: Focus
    ) -> Designation | None:
        zoning = spell and self.catalogue.zonings.get(spell.order_id)
        if not zoning:
            return None
        if focus.subunit:
            return zoning.by_subunit.get(focus.subunit)
        codes: Sequence[str] = reading_codes(zoning, elit, holder)
        return next((zoning.by_commune[code] for code in codes if code in zoning.by_commune), None)
