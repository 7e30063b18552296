"""Does this place qualify, on that day: the main question, from its inputs to a verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from cesp_geo import communes
from cesp_geo.dates import checked_day, french_day, parse_day
from cesp_geo.errors import DateError, LawError
from cesp_geo.law import conditions, parameters
from cesp_geo.law.parameters import Dated
from cesp_geo.siting.assumptions import assumptions
from cesp_geo.siting.eligibility import (
    ELIGIBLE,
    NOT_ELIGIBLE,
    UNDETERMINED,
    Judgement,
    Question,
    judge,
)
from cesp_geo.siting.explanation import Case
from cesp_geo.siting.list_rule import ListRule, list_rule
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.reasons import GATE_REASONS, reason_code
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import VERDICT_ORDER
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import PROFESSIONS
from cesp_geo.zonings.track import Focus

PURPOSES: Mapping[str, str] = {
    "installation": "installation",
    "remplacement": "remplacement",
    "changement_de_lieu": "changement de lieu",
}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is asked, checked and resolved; see :func:`check_site`."""

    on: date
    known_on: date
    profession: str
    specialty: str | None
    purpose: str
    contract_signed_on: date | None
    applied_on: date | None
    list_published_on: date | None


@dataclass(frozen=True, slots=True)
class PartJudgement:
    """One part of the place, what is asked about inside it, and its judgement.

    ``on_day`` is the judgement of the day asked alone, without the door of the list.
    """

    elit: int
    focus: Focus
    judgement: Judgement
    on_day: Judgement
    distance_m: float = 0.0


@cache
def default_catalogue() -> Catalogue:
    """The embedded and user's versions, read once."""
    return Catalogue.load()


def check_site(
    place: str | tuple[float, float] | Place,
    *,
    on: date | str,
    profession: str = "medecin",
    specialty: str | None = None,
    purpose: str = "installation",
    contract_signed_on: date | str | None = None,
    applied_on: date | str | None = None,
    list_published_on: date | str | None = None,
    known_on: date | str | None = None,
    catalogue: Catalogue | None = None,
    replay: ListRule | None = None,
) -> Verdict:
    """Say whether a place qualifies for a CESP signatory on a day, and why.

    Two doors, in this order: the place is eligible under the zoning in force on ``on``; else,
    with ``list_published_on``, its status on that national list (code de l'éducation,
    art. L. 632-6). The zoning at the signing of the contract gives no right by itself.

    Parameters
    ----------
    place : str, tuple of float or Place
        INSEE code, name, postcode and name, ``"lat,lon"``, QPV code; or ``(lon, lat)`` in
        EPSG:4326 degrees.
    on : datetime.date or str
        Day of installation, the day on which the place is read.
    profession : str
        ``medecin``, ``chirurgien-dentiste``, ``sage-femme`` or ``pharmacien``.
    specialty : str, optional
        Reported; one medical zoning serves every specialty.
    purpose : str
        ``installation``, ``remplacement`` or ``changement_de_lieu``: which regional
        conditions are recalled.
    contract_signed_on, applied_on : datetime.date or str, optional
    list_published_on : datetime.date or str, optional
        Day of publication of a national list.
    known_on : datetime.date or str, optional
        Answer with what was recorded by that day; all that is recorded by default.
    catalogue : Catalogue, optional
    replay : ListRule, optional
        What if the rule of the list, where there was one, had these parameters.

    Returns
    -------
    Verdict

    Raises
    ------
    PlaceError, DateError, LawError, DataError
        Among them: a day of too far a year, an application or a contract earlier than the
        CESP, a contract earlier than its application or later than ``on``.

    Examples
    --------
    >>> verdict = check_site("Bobigny", on="2013-06-01")
    >>> verdict.verdict, verdict.zone_class, verdict.zoning_id
    ('eligible', 'DEFICITAIRE', 'idf-2012')
    """
    catalogue = catalogue or default_catalogue()
    inputs = _inputs(
        _day(on),
        _day(known_on) or catalogue.last_recorded,
        profession,
        specialty,
        purpose,
        _day(contract_signed_on),
        _day(applied_on),
        _day(list_published_on),
    )
    if not isinstance(place, Place):
        place = resolve(place, inputs.on, catalogue, profession)
    opening = opening_of(profession)
    gate = _gate(opening, inputs)
    question = question_for(
        inputs.on, profession, inputs.list_published_on, inputs.applied_on, replay
    )
    parts = _judgements(place, place.elits, question, catalogue, inputs, 0.0)
    if gate is not None:
        verdict, reason = gate
        return _verdict(place, inputs, catalogue, opening, parts, (verdict,), reason)
    possible = _possible(parts)
    reason = reason_code(place, inputs, catalogue, parts, possible)
    near = [
        part
        for nearby in place.near
        for part in _judgements(place, nearby.elits, question, catalogue, inputs, nearby.distance_m)
    ]
    with_near = _possible([*parts, *near])
    if with_near != possible and len(possible) == 1:
        reason = "near_border"
    return _verdict(place, inputs, catalogue, opening, parts, with_near, reason, near)


def opening_of(profession: str) -> Dated:
    """Give the parameter that opens the CESP to a profession.

    Raises
    ------
    LawError
        If the profession is unknown or has no CESP.
    """
    known = parameters("cesp")
    if f"cesp.{profession}" not in known:
        names = ", ".join(key.removeprefix("cesp.") for key in known)
        why = "n'a pas de CESP" if profession in PROFESSIONS else "est inconnue"
        raise LawError(f"La profession « {profession} » {why}. Choisissez parmi : {names}.")
    return known[f"cesp.{profession}"].values[-1]


def question_for(
    on: date,
    profession: str = "medecin",
    list_day: date | None = None,
    applied_on: date | None = None,
    replay: ListRule | None = None,
) -> Question:
    """Make the question that tracks are judged by, with the law of its days.

    Examples
    --------
    >>> question_for(date(2013, 6, 1)).opened_on
    datetime.date(2009, 7, 23)
    """
    opening = opening_of(profession)
    rule = list_rule(list_day) if list_day else None
    return Question(
        on=on,
        profession=profession,
        list_day=list_day,
        rule=rule and (replay or rule),
        applied_on=applied_on,
        opened_on=opening.start if opening.dated_by == "day" else date.min,
    )


def _day(value: date | str | None) -> Any:
    if value is None:
        return None
    return parse_day(value) if isinstance(value, str) else checked_day(value)


def _inputs(
    on: date,
    known_on: date,
    profession: str,
    specialty: str | None,
    purpose: str,
    contract_signed_on: date | None,
    applied_on: date | None,
    list_published_on: date | None,
) -> Inputs:
    opening = opening_of(profession)
    if purpose not in PURPOSES:
        raise LawError(f"Objet inconnu : « {purpose} ». Choisissez parmi : {', '.join(PURPOSES)}.")
    opened = f"il n'est ouvert à cette profession que depuis le {french_day(opening.start)}"
    if contract_signed_on and contract_signed_on < opening.start:
        raise DateError(
            f"Un contrat signé le {french_day(contract_signed_on)} n'est pas un CESP : "
            f"{opened}. Vérifiez le jour de signature."
        )
    if applied_on and applied_on < opening.start and opening.dated_by == "day":
        raise DateError(
            f"Une demande faite le {french_day(applied_on)} n'est pas celle d'un CESP : "
            f"{opened}. Vérifiez le jour de la demande."
        )
    if contract_signed_on and contract_signed_on > on:
        raise DateError(
            f"Le contrat (signé le {french_day(contract_signed_on)}) suit l'installation "
            f"demandée ({french_day(on)}). Vérifiez les deux jours."
        )
    if applied_on and applied_on > on:
        raise DateError(
            f"La demande de contrat ({french_day(applied_on)}) suit l'installation demandée "
            f"({french_day(on)}). Vérifiez les deux jours."
        )
    if contract_signed_on and applied_on and contract_signed_on < applied_on:
        raise DateError(
            f"Le contrat (signé le {french_day(contract_signed_on)}) précède sa demande "
            f"({french_day(applied_on)}). Vérifiez les deux jours."
        )
    return Inputs(
        on,
        known_on,
        profession,
        specialty,
        purpose,
        contract_signed_on,
        applied_on,
        list_published_on,
    )


def _gate(opening: Dated, inputs: Inputs) -> tuple[str, str] | None:
    """Verdict and reason where the CESP itself is not open, or its zoning unknown."""
    if opening.dated_by == "application":
        applied = inputs.applied_on
        if applied is None:
            return UNDETERMINED, "application_day_missing"
        if applied < opening.start:
            return NOT_ELIGIBLE, "cesp_not_open"
    elif inputs.on < opening.start:
        return UNDETERMINED, "before_cesp"
    if opening.value is None:
        return UNDETERMINED, "governing_zoning_not_found"
    return None


def _judgements(
    place: Place,
    elits: Iterable[int],
    question: Question,
    catalogue: Catalogue,
    inputs: Inputs,
    distance_m: float,
) -> list[PartJudgement]:
    day_alone = replace(question, list_day=None, rule=None)
    found = []
    for elit in elits:
        for focus in place.foci:
            track = catalogue.track(elit, inputs.profession, inputs.known_on, focus)
            judgement = judge(track, question)
            on_day = judge(track, day_alone) if question.list_day else judgement
            found.append(PartJudgement(elit, focus, judgement, on_day, distance_m))
    return found


def _possible(parts: Iterable[PartJudgement]) -> tuple[str, ...]:
    found = frozenset().union(*(part.judgement.possible for part in parts))
    return tuple(sorted(found, key=VERDICT_ORDER.index))


def _verdict(
    place: Place,
    inputs: Inputs,
    catalogue: Catalogue,
    opening: Dated,
    parts: list[PartJudgement],
    possible: tuple[str, ...],
    reason: str,
    near: list[PartJudgement] | None = None,
) -> Verdict:
    verdict = possible[0] if len(possible) == 1 else UNDETERMINED
    case = Case(place, inputs, catalogue, parts, near or [], possible, reason)
    open_gate = reason not in GATE_REASONS
    spells = case.decisive if open_gate else ()
    classes = {spell.standing.zone_class if spell else None for spell in spells}
    orders = {spell.given_by if spell else None for spell in spells}
    order = orders.pop() if len(orders) == 1 else None
    last = [part.judgement.last_eligible_day for part in parts]
    until = [part.judgement.maintainable_until for part in parts]
    known = open_gate and None not in last
    return Verdict(
        verdict=verdict,
        possible=possible if open_gate else _gate_possible(reason, verdict),
        reason_code=reason,
        explanation=" ".join(case.explanation()),
        would_change=tuple(case.would_change()),
        inputs={
            "place": place.unit_code if not place.is_point else f"{place.lat},{place.lon}",
            "on": inputs.on,
            "known_on": inputs.known_on,
            "list_published_on": inputs.list_published_on,
            "profession": inputs.profession,
            "specialty": inputs.specialty,
            "purpose": inputs.purpose,
            "contract_signed_on": inputs.contract_signed_on,
            "applied_on": inputs.applied_on,
            "cog": communes.MILLESIMES[-1],
        },
        place=_place(place),
        zone_class=classes.pop() if len(classes) == 1 else None,
        zone_label=case.zone_label,
        zoning_id=order if order in catalogue.zonings else None,
        last_eligible_day=min(day for day in last if day) if known else None,
        maintainable_until=min((day for day in until if day), default=None)
        if known and None not in until
        else None,
        law=case.law(opening),
        assumptions=tuple(assumptions(case)),
        regional_conditions=_conditions(place, inputs) if verdict != NOT_ELIGIBLE else (),
        data=tuple(case.data()),
        operations=tuple(case.operations()),
    )


def _gate_possible(reason: str, verdict: str) -> tuple[str, ...]:
    if verdict != UNDETERMINED:
        return (verdict,)
    return (NOT_ELIGIBLE,) if reason == "before_cesp" else (ELIGIBLE, NOT_ELIGIBLE)


def _place(place: Place) -> dict[str, Any]:
    today = place.communes_today
    return {
        "commune_code": " ".join(item.code for item in today),
        "commune_name": ", ".join(item.name for item in today),
        "on_day_code": " ".join(item.code for item in place.communes),
        "on_day_name": ", ".join(item.name for item in place.communes),
        "elits": place.elits,
        "unit_type": place.unit_type,
        "unit_code": place.unit_code,
        "unit_name": place.unit_name,
        "lon": place.lon,
        "lat": place.lat,
        "border_distance_m": place.border_distance_m,
    }


def _conditions(place: Place, inputs: Inputs) -> tuple[Dated, ...]:
    regions = {commune.region for commune in place.communes_today}
    found = (conditions(region, inputs.purpose, inputs.on) for region in sorted(regions))
    return tuple(dict.fromkeys(item for items in found for item in items))
