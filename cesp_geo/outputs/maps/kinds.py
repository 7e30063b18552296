"""One function a kind of map; each returns a Folium map for a page or a notebook."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.dates import french_day
from cesp_geo.errors import OutputError
from cesp_geo.outputs.maps.gathering import (
    Gathering,
    Lines,
    Selection,
    notes_of,
    order_lines,
    verdict_lines,
)
from cesp_geo.outputs.maps.page import CespMap
from cesp_geo.outputs.maps.styles import CLASS_STYLES, STATUS_STYLES
from cesp_geo.siting.comparison import DIRECTIONS, Classification, Diff
from cesp_geo.siting.national_list import ListedPlace, NationalList
from cesp_geo.siting.place import resolve
from cesp_geo.siting.survey import Answers, place_of, units_of
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import PROFESSIONS

CLASS_TITLE = "Classe"


def _style_of(verdict: Verdict) -> str:
    """The class to draw; ``?`` where it is not known, ``several`` where parts differ."""
    if verdict.zone_class is not None:
        return verdict.zone_class
    return "several" if verdict.reason_code in ("parts_differ", "subunits_differ") else "?"


def tvs_of(catalogue: Catalogue, day: date) -> Any:
    """Name of the TVS of a commune, where a version in force that day gives it."""
    named: dict[str, str] = {}
    versions = sorted(catalogue.zonings.values(), key=lambda item: item.order.takes_effect)
    for zoning in versions:
        if zoning.order.takes_effect.first <= day:
            for code, item in zoning.by_commune.items():
                if item.tvs_name or item.tvs_code:
                    named[code] = item.tvs_name or item.tvs_code
    return lambda unit: named.get(unit.code, "")


def _refuse_unknown(gathering: Gathering, what: str) -> None:
    """Refuse a map that would show no class at all."""
    known = {"?", "several", "none"}
    if not {key for key in gathering.used if key not in known}:
        raise OutputError(
            f"Aucun zonage chargé ne dit la classe de ces communes {what}. Importez-en un avec "
            "« cesp-geo zonages importer », ou demandez un autre jour ou une autre région."
        )


def zoning_map(
    catalogue: Catalogue,
    on: date,
    *,
    region: str | None = None,
    departement: str | None = None,
    profession: str = "medecin",
    known_on: date | None = None,
    tiles: str | None = None,
    label: str = "",
    even_unknown: bool = False,
) -> CespMap:
    """Draw the classes of a day, the perimeters over them, and what is not known.

    Parameters
    ----------
    catalogue : Catalogue
    on : datetime.date
    region, departement : str, optional
        INSEE code of what to show; all of France by default.
    profession : str
    known_on : datetime.date, optional
    tiles : str, optional
        A background from the network, ``ign``.
    label : str
        A word for the title, such as ``FICTIF`` for made-up versions.
    even_unknown : bool
        Draw the communes even where no version says a class, to choose a place among them.

    Returns
    -------
    CespMap
        A ``folium.Map``.

    Raises
    ------
    OutputError
        If there is nothing to draw, or no version says a class.

    Examples
    --------
    >>> drawn = zoning_map(Catalogue.load(), date(2013, 6, 1), departement="93")
    >>> drawn.data["units"]["name"][:2]
    ['Aubervilliers', 'Aulnay-sous-Bois']
    """
    selection = Selection(region, departement).checked()
    answers = Answers(catalogue, on, profession, known_on=known_on)
    gathering = Gathering(filter(selection.holds, units_of(on)), CLASS_STYLES)
    used = class_view(gathering, answers, f"le {french_day(on)}")
    if not even_unknown:
        _refuse_unknown(gathering, f"le {french_day(on)}")
    perimeters = list(_perimeters(gathering, catalogue, answers, selection))
    return CespMap(
        gathering.data(
            f"{label} Zonage au {french_day(on)}".strip(),
            _where(selection) + f" ; {PROFESSIONS[profession]}",
            CLASS_TITLE,
            notes_of(catalogue, used, answers.known_on),
            tvs=tvs_of(catalogue, on),
            perimeters=perimeters,
        ),
        tiles,
    )


def _where(selection: Selection) -> str:
    if selection.departement:
        return communes.departements()[selection.departement]
    return communes.regions()[selection.region] if selection.region else "France"


def class_view(gathering: Gathering, answers: Answers, label: str) -> set[str]:
    """Add the classes of a day; give the versions that say them."""
    used: set[str] = set()
    lines: dict[int, Lines] = {}

    def of_unit(unit: Commune) -> tuple[str, Lines, str]:
        verdict = answers.of(place_of(unit, answers.on))
        used.update([verdict.zoning_id or ""])
        if id(verdict) not in lines:
            lines[id(verdict)] = verdict_lines(verdict, answers.catalogue)
        return _style_of(verdict), lines[id(verdict)], VERDICT_WORDS[verdict.verdict]

    gathering.add_view(label, of_unit)
    return used


def _perimeters(
    gathering: Gathering, catalogue: Catalogue, answers: Answers, selection: Selection
) -> Iterator[dict[str, Any]]:
    """The perimeters of the versions in force, each with its class and verdict."""
    import shapely

    from cesp_geo.zonings.perimeters import read_perimeters

    for zoning in catalogue.zonings.values():
        if zoning.perimeters_path is None or zoning.profession != answers.profession:
            continue
        for code, geometry in sorted(read_perimeters(zoning).items()):
            place = resolve(code, answers.on, catalogue, answers.profession)
            verdict = answers.of(place)
            if verdict.zoning_id != zoning.id or not any(map(selection.holds, place.communes)):
                continue
            rings = [
                [[round(lat, 5), round(lon, 5)] for lon, lat in ring.coords]
                for part in shapely.get_parts(geometry)
                for ring in (part.exterior, *part.interiors)
            ]
            yield {
                "name": f"{place.unit_name} ({code})",
                "style": gathering.style(_style_of(verdict)),
                "rings": rings,
                "lines": [line[:2] for line in verdict_lines(verdict, catalogue)],
            }


def history_map(
    catalogue: Catalogue,
    first: date,
    last: date,
    *,
    region: str | None = None,
    departement: str | None = None,
    profession: str = "medecin",
    known_on: date | None = None,
    tiles: str | None = None,
) -> CespMap:
    """Draw the versions of a place in time, one view a day of effect.

    Parameters
    ----------
    catalogue : Catalogue
    first, last : datetime.date
        The days between which an order takes effect; a view of ``first`` begins the slide.
    region, departement, profession, known_on, tiles
        As for :func:`zoning_map`. Communes are those of ``last``.

    Raises
    ------
    OutputError
        If ``first`` is after ``last``, or there is nothing to draw.
    """
    if first > last:
        raise OutputError(
            f"Le {french_day(first)} est après le {french_day(last)}. Échangez les deux jours."
        )
    selection = Selection(region, departement).checked()
    gathering = Gathering(filter(selection.holds, units_of(last)), CLASS_STYLES)
    regions = {unit.region for unit in gathering.units}
    days = {
        entry.effective.last
        for code in sorted(regions)
        for entry in catalogue.timeline(code, profession, known_on)
        if first < entry.effective.last <= last
    }
    used: set[str] = set()
    known = known_on or catalogue.last_recorded
    for day in sorted({first, *days}):
        answers = Answers(catalogue, day, profession, known_on=known)
        used |= class_view(gathering, answers, french_day(day))
    _refuse_unknown(gathering, f"du {french_day(first)} au {french_day(last)}")
    return CespMap(
        gathering.data(
            f"Zonages du {french_day(first)} au {french_day(last)}",
            _where(selection) + f" ; {PROFESSIONS[profession]}",
            CLASS_TITLE,
            notes_of(catalogue, used, known),
            mode="slider",
            tvs=tvs_of(catalogue, last),
        ),
        tiles,
    )


def list_map(
    listed: NationalList,
    catalogue: Catalogue,
    *,
    region: str | None = None,
    departement: str | None = None,
    tiles: str | None = None,
) -> CespMap:
    """Draw a national list by status, with until when a place may be maintained.

    Parameters
    ----------
    listed : NationalList
        Drawn with every place (``everything=True``), so that the rest is told apart.
    catalogue : Catalogue
    region, departement, tiles
        As for :func:`zoning_map`.
    """
    selection = Selection(region, departement).checked()
    rows: dict[str, list[ListedPlace]] = {}
    for item in listed.places:
        rows.setdefault(item.code, []).append(item)
    gathering = Gathering(filter(selection.holds, units_of(listed.published_on)), STATUS_STYLES)

    def of_unit(unit: Commune) -> tuple[str | None, Lines, str]:
        found = rows.get(unit.code, [])
        statuses = {item.status for item in found}
        if not statuses:
            return None, [], ""
        lines = [line for item in found for line in _listed_lines(item, catalogue, len(found) > 1)]
        until = next((item.maintainable_until for item in found), None)
        status = statuses.pop() if len(statuses) == 1 else "undetermined"
        late = status == "may_be_maintained" and until
        return status, lines, f"jusqu'au {french_day(until)}" if late and until else ""

    gathering.add_view(f"liste du {french_day(listed.published_on)}", of_unit)
    used = {item.order_id for item in listed.places}
    return CespMap(
        gathering.data(
            listed.title,
            f"{_where(selection)}, liste du {french_day(listed.published_on)}",
            "Statut",
            notes_of(catalogue, used, listed.known_on),
            tvs=tvs_of(catalogue, listed.published_on),
        ),
        tiles,
    )


def _listed_lines(item: ListedPlace, catalogue: Catalogue, several: bool) -> Lines:
    lines: Lines = (
        [("Partie", item.former), ("Statut", VERDICT_WORDS[item.status])] if several else []
    )
    if len(item.possible) > 1:
        words = ", ".join(VERDICT_WORDS[name].lower() for name in item.possible)
        lines.append(("Reste possible", words))
    lines += order_lines(item.order_id, catalogue)
    if item.status != "eligible" and item.last_eligible_day:
        lines.append(("Dernier jour éligible", french_day(item.last_eligible_day)))
    if item.status != "eligible" and item.maintainable_until:
        lines.append(("Peut être maintenu jusqu'au", french_day(item.maintainable_until)))
    if item.on_previous_list is not None:
        lines.append(("Sur la liste antérieure", "oui" if item.on_previous_list else "non"))
    return lines


def comparison_map(
    diff: Diff,
    *,
    region: str | None = None,
    departement: str | None = None,
    tiles: str | None = None,
) -> CespMap:
    """Draw two sides under a curtain, and say of each place what it gained or lost.

    Parameters
    ----------
    diff : Diff
        Communes are those of its second side.
    region, departement, tiles
        As for :func:`zoning_map`.
    """
    selection = Selection(region, departement).checked()
    touched = {*diff.before.classes, *diff.after.classes}
    every = [unit for unit in units_of(diff.after.day) if selection.holds(unit)]
    areas = {unit.departement for unit in every if not touched.isdisjoint(unit.elits)}
    units = [unit for unit in every if unit.departement in areas]
    gathering = Gathering(units, CLASS_STYLES)
    moved: dict[str, list[str]] = {}
    for item in diff.units():
        words = f"{item.before or 'non couvert'} → {item.after or 'non couvert'}"
        moved.setdefault(item.code, []).append(f"{words}, {DIRECTIONS[item.direction]}")
    for side in (diff.before, diff.after):
        gathering.add_view(side.label, _side(side, moved))
    return CespMap(
        gathering.data(
            f"De {diff.before.label} à {diff.after.label}",
            f"{_where(selection)} ; lieux qui changent : {len(moved)}",
            CLASS_TITLE,
            [
                "Contours simplifiés des communes d'après le second côté.",
                "Chaque partie d'une commune fusionnée est comparée à elle-même.",
            ],
            mode="swipe",
        ),
        tiles,
    )


def _side(side: Classification, moved: dict[str, list[str]]) -> Any:
    def of_unit(unit: Commune) -> tuple[str, Lines, str]:
        classes = {side.classes.get(elit) for elit in unit.elits}
        one = classes.pop() if len(classes) == 1 else "several"
        changes = moved.get(unit.code, [])
        return one or "none", [("Changement", text) for text in changes], " ; ".join(changes)

    return of_unit
