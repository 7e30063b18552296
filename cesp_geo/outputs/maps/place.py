"""The map of one place."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.dates import french_day
from cesp_geo.errors import OutputError
from cesp_geo.outputs.maps.cards import notes_of
from cesp_geo.outputs.maps.gathering import Gathering, Row, Selection, middle_of, quarter_rows
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
    label: str = "",
) -> CespMap:
    """Draw one place, its neighbours' classes, and the nearest eligible places.

    Parameters
    ----------
    lieu : str
        As for :func:`~cesp_geo.siting.check.check_site`.
    catalogue : Catalogue
    on : datetime.date
    profession, known_on, tiles, label
        As for :func:`zoning_map`.

    Raises
    ------
    PlaceError
        If there is no such place that day.
    OutputError
        If it has no shape.
    """
    place = resolve(lieu, on, catalogue, profession)
    if not communes.shapes_of(place.elits):
        raise OutputError(
            f"{place.unit_name} n'a pas de contour dans nos données, donc pas de carte. "
            "« cesp-geo verifier » répond à la même question."
        )
    answers = Answers(catalogue, on, profession, known_on=known_on)
    verdict = answers.of(place)
    near = (
        ()
        if verdict.verdict == "eligible"
        else nearest_eligible(place, on, catalogue, profession, known_on=answers.known_on)
    )
    own = {unit.code for unit in place.communes} | {place.unit_code}
    own |= {unit.code for unit in units_of(on) if unit.parent in own}
    shown = _around(place, on) | {item.code for item in near}
    units = [unit for unit in units_of(on) if unit.code in shown | own]
    gathering = Gathering(
        units, CLASS_STYLES, on, _places(place, on, catalogue, profession, frozenset(shown | own))
    )
    used = class_view(gathering, answers, french_day(on))
    named = [number for number, row in enumerate(gathering.rows) if row.place]
    home = gathering.number_of(own)
    points: list[dict[str, Any]] = []
    if place.is_point:
        points.append({"lat": place.lat, "lon": place.lon, "name": "le site", "row": named[0]})
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
            f"{label} {_title(place)} au {french_day(on)}".strip(),
            f"{VERDICT_WORDS[verdict.verdict]}. {verdict.explanation}",
            CLASS_TITLE,
            [*_listed(near), *notes_of(catalogue, used, answers.known_on)],
            tvs=tvs_of(catalogue, on),
            points=points,
            first=next(iter([*named, *home]), None),
            highlight=home,
            bounds=gathering.bounds(frozenset(shown | own)),
        ),
        tiles,
    )


def _title(place: Place) -> str:
    return f"{place.lat},{place.lon}" if place.is_point else place.unit_name or place.unit_code


def _places(
    place: Place, on: date, catalogue: Catalogue, profession: str, shown: frozenset[str]
) -> Iterator[Row]:
    """The quarters around, and the place itself where no row of the map is it."""
    own = None
    for row in quarter_rows(catalogue, profession, Selection(codes=shown)):
        if row.code == place.unit_code:
            own = row
        else:
            yield row
    home = place.communes[0]
    drawn = {unit.code for unit in units_of(on)}
    if place.is_point or place.unit_code not in drawn:
        yield Row(
            "" if place.is_point else place.unit_code,
            _title(place),
            home.departement,
            home.region,
            rings=own.rings if own else (),
            place=place,
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
