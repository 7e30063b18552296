"""The map of a comparison: two sides under a curtain."""

from collections import Counter
from collections.abc import Callable, Mapping

from cesp_geo.communes import Commune
from cesp_geo.dates import french_day
from cesp_geo.outputs.maps.cards import Lines, notes_of, order_lines
from cesp_geo.outputs.maps.gathering import Gathering, Row, Selection, Shown, quarter_rows
from cesp_geo.outputs.maps.kinds import CLASS_TITLE, tvs_of, where
from cesp_geo.outputs.maps.page import CespMap
from cesp_geo.outputs.maps.styles import CLASS_STYLES
from cesp_geo.siting.classification import class_words, is_doubtful, is_unread
from cesp_geo.siting.comparison import DIRECTIONS, Classification, Diff
from cesp_geo.siting.eligibility import class_value
from cesp_geo.siting.survey import units_of
from cesp_geo.zonings.catalogue import Catalogue


def comparison_map(
    diff: Diff,
    catalogue: Catalogue,
    *,
    region: str | None = None,
    departement: str | None = None,
    tiles: str | None = None,
    label: str = "",
) -> CespMap:
    """Draw two sides under a curtain, and say of each place what it gained or lost.

    Parameters
    ----------
    diff : Diff
        Communes are those of its second side.
    catalogue : Catalogue
        Whose orders are named.
    region, departement, tiles, label
        As for :func:`zoning_map`.
    """
    selection = Selection(region, departement).checked()
    day = diff.after.day
    touched = {*diff.before.classes, *diff.after.classes}
    every = [unit for unit in units_of(day) if selection.holds(unit)]
    areas = {unit.departement for unit in every if not touched.isdisjoint(unit.elits)}
    units = [unit for unit in every if unit.departement in areas]
    changes: dict[str, dict[str, None]] = {}
    counts: Counter[str] = Counter()
    for item in diff.units():
        counts[DIRECTIONS[item.direction]] += 1
        words = f"{class_words(item.before)} → {class_words(item.after)}"
        changes.setdefault(item.code, {})[f"{words} : {DIRECTIONS[item.direction]}"] = None
    quarters = {
        row.code: row
        for row in quarter_rows(catalogue, diff.after.profession, selection)
        if row.code in touched
    }
    gathering = Gathering(units, CLASS_STYLES, day, quarters.values())
    for side in (diff.before, diff.after):
        gathering.add_view(_side_label(side), *_side(side, catalogue, changes))
    sides = {side.label for side in (diff.before, diff.after)}
    total = " ; ".join(
        f"{words} : {number:,}".replace(",", "\u202f") for words, number in counts.most_common()
    )
    return CespMap(
        gathering.data(
            f"{label} {_from_to(diff.before, diff.after)}".strip(),
            f"{where(selection)} ; {total or 'rien ne change'}",
            CLASS_TITLE,
            [
                "Contours simplifiés des communes d'après le second côté.",
                "Chaque partie d'une commune fusionnée est comparée à elle-même.",
                *notes_of(catalogue, sides, catalogue.last_recorded),
            ],
            mode="swipe",
            tvs=tvs_of(catalogue, day),
        ),
        tiles,
    )


def _from_to(before: Classification, after: Classification) -> str:
    words = ("Du" if before.of_day else "De", "au" if after.of_day else "à")
    return f"{words[0]} {_side_label(before)} {words[1]} {_side_label(after)}"


def _side_label(side: Classification) -> str:
    return french_day(side.day) if side.of_day else side.label


def _side(
    side: Classification, catalogue: Catalogue, changes: Mapping[str, Mapping[str, None]]
) -> tuple[Callable[[Commune], Shown], Callable[[Row], Shown]]:
    """What is shown of each commune, and of each place besides, on one side."""
    order = [] if side.of_day else order_lines(side.label, catalogue)

    def shown(code: str, classes: set[str | None], region: str) -> Shown:
        moved = list(changes.get(code, {}))
        told = " ; ".join(moved)
        lines: Lines = [("Changement", text) for text in moved]
        if len(classes) > 1:
            return "several", [*lines, *order], told
        (label,) = classes
        if label is None:
            return "?" if side.of_day else "none", lines, told
        if is_unread(label):
            return "?", [*lines, ("Classe", class_words(label))], told
        counts = class_value(side.profession, label, region, side.day)
        opens = "Cette classe ouvre au CESP", {True: "oui", False: "non", None: "inconnu"}[counts]
        if is_doubtful(label):
            return "doubt", [*lines, ("Classe", class_words(label)), opens, *order], told
        return label, [*lines, opens, *order], told

    def of_unit(unit: Commune) -> Shown:
        return shown(unit.code, {side.classes.get(elit) for elit in unit.elits}, unit.region)

    def of_place(row: Row) -> Shown:
        return shown(row.code, {side.classes.get(row.code)}, row.region)

    return of_unit, of_place
