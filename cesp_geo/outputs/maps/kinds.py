"""One function a kind of map; each returns a Folium map for a page or a notebook."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.dates import french_day
from cesp_geo.errors import OutputError
from cesp_geo.outputs.maps.cards import Lines, class_line, notes_of, order_lines, verdict_lines
from cesp_geo.outputs.maps.gathering import Gathering, Row, Selection, Shown, quarter_rows
from cesp_geo.outputs.maps.page import CespMap
from cesp_geo.outputs.maps.styles import CLASS_STYLES, STATUS_STYLES, style_of
from cesp_geo.siting.national_list import ListedPlace, NationalList
from cesp_geo.siting.place import resolve
from cesp_geo.siting.survey import Answers, place_of, units_of
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import PROFESSIONS

CLASS_TITLE = "Classe"


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


def _refuse_unknown(used: set[str], catalogue: Catalogue, what: str) -> None:
    """Refuse a map that would show no class at all: no version says one."""
    if used.isdisjoint(catalogue.zonings):
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
    gathering = Gathering(
        filter(selection.holds, units_of(on)),
        CLASS_STYLES,
        on,
        quarter_rows(catalogue, profession, selection),
    )
    used = class_view(gathering, answers, f"le {french_day(on)}")
    if not even_unknown:
        _refuse_unknown(used, catalogue, f"le {french_day(on)}")
    return CespMap(
        gathering.data(
            f"{label} Zonage au {french_day(on)}".strip(),
            where(selection) + f" ; {PROFESSIONS[profession]}",
            CLASS_TITLE,
            notes_of(catalogue, used, answers.known_on),
            tvs=tvs_of(catalogue, on),
        ),
        tiles,
    )


def where(selection: Selection) -> str:
    """Name what is shown: a département, a région or France."""
    if selection.departement:
        return communes.departements()[selection.departement]
    return communes.regions()[selection.region] if selection.region else "France"


def class_view(
    gathering: Gathering,
    answers: Answers,
    label: str,
    kinds: Mapping[str, object] | None = None,
) -> set[str]:
    """Add the classes of a day; give the versions that say them.

    ``kinds`` tells which communes share a history, so that one of them answers for all.
    """
    used: set[str] = set()
    lines: dict[int, Lines] = {}
    held: dict[object, Shown] = {}

    def shown(verdict: Verdict) -> Shown:
        used.update([verdict.zoning_id or ""])
        if id(verdict) not in lines:
            lines[id(verdict)] = verdict_lines(verdict, answers.catalogue)
        return style_of(verdict), lines[id(verdict)], VERDICT_WORDS[verdict.verdict]

    def of_unit(unit: Commune) -> Shown:
        kind = kinds[unit.code] if kinds else unit.code
        if kind not in held:
            held[kind] = shown(answers.of(place_of(unit, answers.on)))
        return held[kind]

    def of_place(row: Row) -> Shown:
        if row.place:
            return shown(answers.of(row.place))
        place = resolve(row.code, answers.on, answers.catalogue, answers.profession)
        verdict = answers.of(place)
        return shown(verdict) if verdict.zoning_id == row.zoning_id else (None, [], "")

    gathering.add_view(label, of_unit, of_place)
    return used


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
    label: str = "",
) -> CespMap:
    """Draw the versions of a place in time, one view a day of effect.

    Parameters
    ----------
    catalogue : Catalogue
    first, last : datetime.date
        The days between which an order takes effect; a view of ``first`` begins the slide.
    region, departement, profession, known_on, tiles, label
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
    gathering = Gathering(
        filter(selection.holds, units_of(last)),
        CLASS_STYLES,
        last,
        quarter_rows(catalogue, profession, selection),
    )
    regions = {unit.region for unit in gathering.units}
    days = {
        entry.effective.last
        for code in sorted(regions)
        for entry in catalogue.timeline(code, profession, known_on)
        if first < entry.effective.last <= last
    }
    used: set[str] = set()
    known = known_on or catalogue.last_recorded
    of_last = Answers(catalogue, last, profession, known_on=known)
    kinds = {unit.code: of_last.history_of(place_of(unit, last)) for unit in gathering.units}
    for day in sorted({first, *days}):
        answers = Answers(catalogue, day, profession, known_on=known)
        used |= class_view(gathering, answers, french_day(day), kinds)
    _refuse_unknown(used, catalogue, f"du {french_day(first)} au {french_day(last)}")
    return CespMap(
        gathering.data(
            f"{label} Zonages du {french_day(first)} au {french_day(last)}".strip(),
            where(selection) + f" ; {PROFESSIONS[profession]}",
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
    label: str = "",
) -> CespMap:
    """Draw a national list by status, with until when a place may be maintained.

    Parameters
    ----------
    listed : NationalList
        Drawn with every place (``everything=True``), so that the rest is told apart.
    catalogue : Catalogue
    region, departement, tiles, label
        As for :func:`zoning_map`.
    """
    selection = Selection(region, departement).checked()
    rows: dict[str, list[ListedPlace]] = {}
    for item in listed.places:
        rows.setdefault(item.code, []).append(item)
    day = listed.published_on
    gathering = Gathering(
        filter(selection.holds, units_of(day)),
        STATUS_STYLES,
        day,
        quarter_rows(catalogue, listed.profession, selection),
    )

    def shown(found: Sequence[ListedPlace]) -> Shown:
        statuses = {item.status for item in found}
        if not statuses:
            return None, [], ""
        lines = [line for item in found for line in _listed_lines(item, catalogue, len(found) > 1)]
        until = next((item.maintainable_until for item in found), None)
        status = statuses.pop() if len(statuses) == 1 else "undetermined"
        late = status == "may_be_maintained" and until
        return status, lines, f"jusqu'au {french_day(until)}" if late and until else ""

    def of_place(row: Row) -> Shown:
        return shown([item for item in rows.get(row.code, []) if item.order_id == row.zoning_id])

    gathering.add_view(
        f"liste du {french_day(day)}", lambda unit: shown(rows.get(unit.code, [])), of_place
    )
    used = {item.order_id for item in listed.places if selection.holds(item)}
    _refuse_unknown(used, catalogue, f"le {french_day(day)}")
    return CespMap(
        gathering.data(
            f"{label} {listed.title}".strip(),
            f"{where(selection)}, liste du {french_day(day)}",
            "Statut",
            notes_of(catalogue, used, listed.known_on),
            tvs=tvs_of(catalogue, day),
        ),
        tiles,
    )


def _listed_lines(item: ListedPlace, catalogue: Catalogue, several: bool) -> Lines:
    lines: Lines = (
        [("Partie", item.former), ("Statut", VERDICT_WORDS[item.status])] if several else []
    )
    lines.append(class_line(item.zone_class))
    if len(item.possible) > 1:
        words = ", ".join(VERDICT_WORDS[name].lower() for name in item.possible)
        lines.append(("Reste possible", words))
    lines += order_lines(item.order_id, catalogue)
    if item.status != "eligible" and item.last_eligible_day:
        lines.append(("Dernier jour éligible", french_day(item.last_eligible_day)))
    if item.status != "eligible" and item.maintainable_until:
        lines.append(("Peut être maintenu jusqu'au", french_day(item.maintainable_until)))
    lines += [("Règle", f"{rule.title} ({rule.reference})") for rule in item.rule]
    if item.on_previous_list is not None:
        lines.append(("Sur la liste antérieure", "oui" if item.on_previous_list else "non"))
    return lines
