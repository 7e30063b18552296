"""The map of one place."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.dates import french_day
from cesp_geo.outputs.maps.gathering import Gathering, middle_of, notes_of, verdict_lines
from cesp_geo.outputs.maps.kinds import CLASS_TITLE, class_view, tvs_of
from cesp_geo.outputs.maps.page import CespMap
from cesp_geo.outputs.maps.styles import CLASS_STYLES
from cesp_geo.siting.nearest import Alternative, nearest_eligible
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.survey import Answers, units_of
from cesp_geo.siting.words import VERDICT_WORDS, kilometres
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES


def place_map(
    lieu: str,
    catalogue: Catalogue,
    on: date,
    *,
    profession: str = "medecin",
    known_on: date | None = None,
    tiles: str | None = None,
) -> CespMap:
    """Draw one place, its neighbours' classes, and the nearest eligible places.

    Parameters
    ----------
    lieu : str
        As for :func:`~cesp_geo.siting.check.check_site`.
    catalogue : Catalogue
    on : datetime.date
    profession, known_on, tiles
        As for :func:`zoning_map`.

    Raises
    ------
    PlaceError
        If there is no such place that day.
    """
    place = resolve(lieu, on, catalogue, profession)
    answers = Answers(catalogue, on, profession, known_on=known_on)
    verdict = answers.of(place)
    near = (
        ()
        if verdict.verdict == "eligible"
        else nearest_eligible(place, on, catalogue, profession, known_on=answers.known_on)
    )
    shown = _around(place, on) | {item.code for item in near}
    units = [unit for unit in units_of(on) if unit.code in shown]
    gathering = Gathering(units, CLASS_STYLES)
    used = class_view(gathering, answers, french_day(on))
    own = {unit.code for unit in place.communes} | {place.unit_code}
    first = next((row for row, unit in enumerate(gathering.units) if unit.code in own), None)
    points: list[dict[str, Any]] = []
    if place.is_point:
        points.append(
            {"lat": place.lat, "lon": place.lon, "name": "le site",
             "lines": [line[:2] for line in verdict_lines(verdict, catalogue)]}
        )  # fmt: skip
    for rank, item in enumerate(near, 1):
        middle = middle_of(item.code, on)
        if middle:
            points.append(
                {
                    "lat": round(middle[1], 5),
                    "lon": round(middle[0], 5),
                    "mark": str(rank),
                    "name": f"{item.name}, {kilometres(item.distance_m)}",
                    "lines": [
                        ("Lieu éligible proche", f"n° {rank}, à {kilometres(item.distance_m)}"),
                        ("Classe", ZONE_CLASSES[item.zone_class]),
                        ("Arrêté", item.order_id),
                    ],
                }
            )
    return CespMap(
        gathering.data(
            f"{place.unit_name or place.unit_code} au {french_day(on)}",
            f"{VERDICT_WORDS[verdict.verdict]}. {verdict.explanation}",
            CLASS_TITLE,
            [*_listed(near), *notes_of(catalogue, used, answers.known_on)],
            tvs=tvs_of(catalogue, on),
            points=points,
            first=first,
            bounds=gathering.bounds(frozenset({unit.code for unit in units} & (own | shown))),
        ),
        tiles,
    )


def _listed(near: Sequence[Alternative]) -> list[str]:
    """The nearest eligible places in words."""
    return [
        f"Lieu éligible proche n° {rank} : {item.name} ({item.code}), "
        f"{ZONE_CLASSES[item.zone_class]}, à {kilometres(item.distance_m)}"
        for rank, item in enumerate(near, 1)
    ]


def _around(place: Place, on: date) -> set[str]:
    """The communes of a place, those that touch it, and those that touch these."""
    elits = set(place.elits)
    for unit in place.communes:
        elits |= set(unit.elits)
    for _ in range(2):
        elits |= set(communes.neighbours(sorted(elits)))
    found = set()
    for elit in elits:
        holder = communes.arrondissement_on(elit, on) or communes.commune_on(elit, on)
        if holder:
            found.add(holder.code)
    return found
