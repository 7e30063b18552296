"""What the page and the API say: the same values as the command line, as JSON."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import Change, Commune
from cesp_geo.dates import french_day, parse_day
from cesp_geo.errors import (
    AmbiguousPlace,
    CespGeoError,
    DataError,
    DateError,
    LawError,
    OutsideTerritory,
    PlaceError,
    UnknownPlace,
)
from cesp_geo.siting.check import check_site, opening_of
from cesp_geo.siting.history import Stretch, place_changes, place_history
from cesp_geo.siting.nearest import nearest_eligible
from cesp_geo.siting.orders import name_order
from cesp_geo.siting.place import Place, other_readings_words, resolve
from cesp_geo.siting.replay import reference_of
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import CONFIDENCE_WORDS, POSSIBLE_WORDS, VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES, Order

_MOST_SUGGESTED = 10
FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)

_CODES: tuple[tuple[type[CespGeoError], int, str], ...] = (
    (UnknownPlace, 404, "unknown_place"),
    (AmbiguousPlace, 409, "ambiguous_place"),
    (OutsideTerritory, 404, "outside_territory"),
    (PlaceError, 404, "unknown_place"),
    (DateError, 422, "bad_day"),
    (LawError, 422, "bad_question"),
    (DataError, 503, "data_unavailable"),
    (CespGeoError, 422, "bad_file"),
)


FIELDS = {
    "lieu": "place",
    "le": "on",
    "profession": "profession",
    "contrat_signe_le": "contract_signed_on",
    "demande_le": "applied_on",
    "liste_publiee_le": "list_published_on",
    "connu_le": "known_on",
}
"""The parameters of a question, and what the library calls them."""


def status_of(error: CespGeoError) -> tuple[int, str]:
    """Give the HTTP status and the stable code of an error."""
    return next((status, code) for kind, status, code in _CODES if isinstance(error, kind))


@contextmanager
def about(field: str) -> Iterator[None]:
    """Say which parameter an error of the library is about."""
    try:
        yield
    except CespGeoError as error:
        error.field = field
        raise


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as texts: it is checked when it is read."""

    place: str
    on: str
    profession: str = "medecin"
    contract_signed_on: str = ""
    applied_on: str = ""
    list_published_on: str = ""
    known_on: str = ""

    def days(self) -> dict[str, date | None]:
        """Give the days, each between 1990 and 2100.

        Raises
        ------
        DateError
        """
        found: dict[str, date | None] = {}
        for field, name in FIELDS.items():
            if name in ("place", "profession"):
                continue
            with about(field):
                found[name] = _day_in_bounds(getattr(self, name))
        return found

    @property
    def day(self) -> date:
        """The day asked.

        Raises
        ------
        DateError
        """
        with about("le"):
            on = _day_in_bounds(self.on)
            if on is None:
                raise DateError("Le jour manque. Écrivez-le, par exemple 2024-03-15.")
        return on

    def resolved(self, catalogue: Catalogue) -> Place:
        """Read the place on the day asked.

        Raises
        ------
        CespGeoError
        """
        on = self.day
        with about("profession"):
            opening_of(self.profession)
        with about("lieu"):
            return resolve(self.place, on, catalogue, self.profession)


def _day_in_bounds(text: str) -> date | None:
    day = parse_day(text) if text else None
    if day and not FIRST <= day <= LAST:
        raise DateError(
            f"Le {french_day(day)} est trop loin : donnez un jour de {FIRST.year} à {LAST.year}."
        )
    return day


def verdict_of(question: Question, catalogue: Catalogue) -> tuple[Verdict, Place]:
    """Answer a question.

    Raises
    ------
    CespGeoError
    """
    on, days = question.day, question.days()
    place = question.resolved(catalogue)
    # Its profession, place and days being read, only the day of the contract can be refused.
    with about("contrat_signe_le"):
        verdict = check_site(
            place,
            on=on,
            profession=question.profession,
            contract_signed_on=days["contract_signed_on"],
            applied_on=days["applied_on"],
            list_published_on=days["list_published_on"],
            known_on=days["known_on"],
            catalogue=catalogue,
        )
    return verdict, place


def answer_to(question: Question, catalogue: Catalogue) -> dict[str, Any]:
    """Give the JSON of a verdict, its reference, and what a person reads.

    Raises
    ------
    CespGeoError
    """
    verdict, place = verdict_of(question, catalogue)
    label = f", « {verdict.zone_label} »" if verdict.zone_label else ""
    several = len(verdict.possible) > 1
    plain = verdict.to_json()
    return {
        "verdict": plain,
        "reference": reference_of(plain),
        "autres_lectures": [
            _plain(item) for item in communes.other_readings(question.place, question.day)
        ],
        "mots": {
            "verdict": VERDICT_WORDS[verdict.verdict],
            "lecture": other_readings_words(question.place, question.day),
            "explication": for_page(verdict.explanation),
            "pistes": [for_page(text) for text in verdict.would_change],
            "possibles": [POSSIBLE_WORDS[item] for item in verdict.possible] if several else [],
            "classe": f"{ZONE_CLASSES[verdict.zone_class]}{label}" if verdict.zone_class else "",
            "jour": french_day(verdict.inputs["on"]),
            "arrete": _order(verdict, catalogue),
            "jusqu_a_quand": _until_when(verdict, place, catalogue),
            "dernier_jour": _day(verdict.last_eligible_day),
            "jusqu_au": _day(verdict.maintainable_until),
            "droit": [
                {
                    "titre": item.title,
                    "reference": item.reference,
                    "adresse": item.href,
                    "confiance": CONFIDENCE_WORDS[item.confidence],
                }
                for item in verdict.law
            ],
        },
    }


def titled(order: Order) -> str:
    """Name an order at the head of a line."""
    text = name_order(order).removeprefix("l'")
    return text[0].upper() + text[1:]


def _order(verdict: Verdict, catalogue: Catalogue) -> dict[str, str] | None:
    """The order that decides: its name, its day of effect, its address if a source has one."""
    if verdict.zoning_id is None:
        return None
    inputs = verdict.inputs
    order = catalogue.order(verdict.zoning_id, inputs["profession"], inputs["known_on"])
    zoning = catalogue.zonings.get(verdict.zoning_id)
    return {
        "titre": titled(order),
        "effet": str(order.takes_effect),
        "adresse": next((item.href for item in zoning.sources if item.href), "") if zoning else "",
    }


def _until_when(verdict: Verdict, place: Place, catalogue: Catalogue) -> str:
    """Until when a yes of that day holds: the eve of the day from which it is no longer one."""
    inputs = verdict.inputs
    on, last = inputs["on"], max(catalogue.last_recorded, inputs["on"])
    stretches = place_history(place, catalogue, on, last, inputs["profession"], inputs["known_on"])
    ends = [item for item in stretches if item.eligible is not True]
    if verdict.verdict != "eligible" or any(item.start == on for item in ends):
        return ""
    if not ends:
        return "tant qu'aucun autre arrêté connu ne le remplace"
    end = min(ends, key=lambda item: item.start)
    least = "au moins " if end.eligible is None else ""
    return f"{least}jusqu'au {french_day(end.start - timedelta(days=1))}"


_OPTIONS = {
    "--liste-publiee-le": "« Liste nationale du »",
    "--demande-le": "« Demande faite le »",
    "--connu-le": "« Zonages connus le »",
}


def for_page(text: str) -> str:
    """Name the fields of the page where a text names options of the command line.

    Examples
    --------
    >>> for_page("indiquez son jour avec --liste-publiee-le.")
    'indiquez son jour avec « Liste nationale du ».'
    """
    for option, field in _OPTIONS.items():
        text = text.replace(option, field)
    return text


def _day(day: date | None) -> str:
    return french_day(day) if day else ""


def history_of(
    question: Question, catalogue: Catalogue
) -> tuple[str, tuple[Stretch, ...], tuple[Change, ...]]:
    """Give the name of a place, its stretches since the CESP began, and its changes."""
    days, on = question.days(), question.day
    place = question.resolved(catalogue)
    last = max(catalogue.last_recorded, on)
    first = min(date(2009, 7, 23), on - timedelta(days=1))
    stretches = place_history(place, catalogue, first, last, question.profession, days["known_on"])
    return place.unit_name or place.unit_code, stretches, place_changes(place, first, last)


def nearest_to(question: Question, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Give the nearest eligible places."""
    days, on = question.days(), question.day
    place = question.resolved(catalogue)
    found = nearest_eligible(place, on, catalogue, question.profession, known_on=days["known_on"])
    return [{**asdict(item), "classe_mots": ZONE_CLASSES[item.zone_class]} for item in found]


def suggestions(text: str, day: date) -> list[dict[str, Any]]:
    """Give what a text may be the whole or the beginning of: code, name or postcode of communes.

    What it is the whole of comes first, and is given whole; then the largest.
    """
    typed, asked = text.strip().upper(), communes.name_key(text)
    found: dict[tuple[str, str], Commune] = {}
    if code := communes.by_code(typed, day):
        found[code.code, "code INSEE"] = code
    for item in communes.with_postcode(typed, day):
        found[item.code, "code postal"] = item
    begun: dict[tuple[str, str], Commune] = {}
    for name, item in _named(day) if asked else ():
        if name.startswith(asked):
            (found if name == asked else begun)[item.code, "nom"] = item
        elif item.code.startswith(typed):
            begun[item.code, "code INSEE"] = item
    whole = len(found)
    for key in sorted(begun, key=lambda key: (-(communes.population(key[0]) or 0), key)):
        if len(found) >= _MOST_SUGGESTED:
            break
        found.setdefault(key, begun[key])
    return [
        {**_plain(item), "lecture": reading, "exact": number < whole}
        for number, ((_, reading), item) in enumerate(found.items())
    ]


@lru_cache(maxsize=4)
def _named(day: date) -> tuple[tuple[str, Commune], ...]:
    return tuple((communes.name_key(item.name), item) for item in communes.communes(day))


def _plain(item: Commune) -> dict[str, str]:
    return {"code": item.code, "nom": item.name, "departement": item.departement}
