"""What the page and the API say: the same values as the command line, as JSON."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from cesp_geo import communes
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
from cesp_geo.siting.history import place_history
from cesp_geo.siting.nearest import nearest_eligible
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.replay import reference_of
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import CONFIDENCE_WORDS, POSSIBLE_WORDS, VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES

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


def status_of(error: CespGeoError) -> tuple[int, str]:
    """Give the HTTP status and the stable code of an error."""
    return next((status, code) for kind, status, code in _CODES if isinstance(error, kind))


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
        for name, value in asdict(self).items():
            if name in ("place", "profession"):
                continue
            day = parse_day(value) if value else None
            if day and not FIRST <= day <= LAST:
                raise DateError(
                    f"Le {french_day(day)} est trop loin : donnez un jour de {FIRST.year} à "
                    f"{LAST.year}."
                )
            found[name] = day
        if found["on"] is None:
            raise DateError("Le jour manque. Écrivez-le, par exemple 2024-03-15.")
        return found

    @property
    def day(self) -> date:
        """The day asked.

        Raises
        ------
        DateError
        """
        on = self.days()["on"]
        assert on is not None
        return on


def verdict_of(question: Question, catalogue: Catalogue) -> tuple[Verdict, Place]:
    """Answer a question.

    Raises
    ------
    CespGeoError
    """
    days, on = question.days(), question.day
    opening_of(question.profession)
    place = resolve(question.place, on, catalogue, question.profession)
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


def in_words(verdict: Verdict) -> dict[str, Any]:
    """Give the JSON of a verdict, its reference, and what a person reads."""
    label = f", « {verdict.zone_label} »" if verdict.zone_label else ""
    several = len(verdict.possible) > 1
    return {
        "verdict": verdict.to_json(),
        "reference": reference_of(verdict.to_json()),
        "mots": {
            "verdict": VERDICT_WORDS[verdict.verdict],
            "explication": for_page(verdict.explanation),
            "pistes": [for_page(text) for text in verdict.would_change],
            "possibles": [POSSIBLE_WORDS[item] for item in verdict.possible] if several else [],
            "classe": f"{ZONE_CLASSES[verdict.zone_class]}{label}" if verdict.zone_class else "",
            "jour": french_day(verdict.inputs["on"]),
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


def history_of(question: Question, catalogue: Catalogue) -> tuple[str, tuple[Any, ...]]:
    """Give the name of a place and its stretches since the CESP began."""
    days, on = question.days(), question.day
    place = resolve(question.place, on, catalogue, question.profession)
    last = max(catalogue.last_recorded, on)
    first = min(date(2009, 7, 23), on - timedelta(days=1))
    stretches = place_history(place, catalogue, first, last, question.profession, days["known_on"])
    return place.unit_name or place.unit_code, stretches


def nearest_to(question: Question, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Give the nearest eligible places."""
    days, on = question.days(), question.day
    place = resolve(question.place, on, catalogue, question.profession)
    found = nearest_eligible(place, on, catalogue, question.profession, known_on=days["known_on"])
    return [{**asdict(item), "classe_mots": ZONE_CLASSES[item.zone_class]} for item in found]


def suggestions(text: str, on: str) -> list[dict[str, str]]:
    """Give communes whose name or code begins as the text: the same name, then the largest."""
    day = Question("", on).day
    asked = communes.name_key(text)
    if not asked:
        return []
    keys = ((communes.name_key(item.name), item) for item in communes.communes(day))
    found = [
        (key != asked, -(communes.population(item.code) or 0), item)
        for key, item in keys
        if key.startswith(asked) or item.code.lower().startswith(asked)
    ]
    found.sort(key=lambda row: (row[0], row[1], row[2].code))
    return [
        {"code": item.code, "nom": item.name, "departement": item.departement}
        for _, _, item in found[:10]
    ]
