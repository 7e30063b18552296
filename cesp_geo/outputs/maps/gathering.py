"""What every map shows: the units of a day, their cards, their names, the sources."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.dates import french_day
from cesp_geo.errors import OutputError
from cesp_geo.outputs.maps.shapes import Unit, boxes, encoded, middles
from cesp_geo.outputs.maps.styles import Style
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import REASON_WORDS, VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import Zoning

Lines = list[tuple[str, ...]]
"""Term and text, and sometimes an address."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of France a map shows: a région, a département, some communes, or all of it."""

    region: str | None = None
    departement: str | None = None
    codes: frozenset[str] | None = None

    def holds(self, unit: Commune) -> bool:
        """Whether a commune is shown."""
        return (
            self.region in (None, unit.region)
            and self.departement in (None, unit.departement)
            and (self.codes is None or unit.code in self.codes)
        )

    def checked(self) -> "Selection":
        """Refuse a code that is none.

        Raises
        ------
        OutputError
        """
        for what, code, known in (
            ("Région inconnue", self.region, communes.regions()),
            ("Département inconnu", self.departement, communes.departements()),
        ):
            if code is not None and code not in known:
                names = ", ".join(f"{key} {name}" for key, name in list(known.items())[:5])
                raise OutputError(f"{what} : « {code} ». Donnez un code INSEE ({names}…).")
        return self


@dataclass
class View:
    """One state of a map: its label, and for each unit a style, a card and a short text."""

    label: str
    styles: list[int] = field(default_factory=list)
    cards: list[int] = field(default_factory=list)
    shorts: list[int] = field(default_factory=list)


class Gathering:
    """Gathers the data of one page.

    Parameters
    ----------
    units : iterable of Commune
        Communes and municipal arrondissements of one day.
    styles : mapping of str to Style
        Those that the legend may need; only those used are shown.
    """

    def __init__(self, units: Iterable[Commune], styles: Mapping[str, Style]) -> None:
        shown = communes.shapes_by_elit()
        self.units: list[Commune] = []
        self._shapes: list[Unit] = []
        taken: set[int] = set()
        for unit in units:
            fids = tuple(sorted({shown[elit] for elit in unit.elits if elit in shown} - taken))
            if fids:
                taken |= set(fids)
                self.units.append(unit)
                self._shapes.append(Unit(fids, unit.departement, unit.region))
        if not self.units:
            raise OutputError(
                "Aucune commune à dessiner pour ce choix. Vérifiez la région, le département ou "
                "le jour."
            )
        self._known = styles
        self._order = {key: number for number, key in enumerate(styles)}
        self._used: set[str] = set()
        self._cards: dict[tuple[tuple[str, ...], ...], int] = {}
        self._shorts: dict[str, int] = {"": 0}
        self._tvs: dict[str, int] = {"": 0}
        self.views: list[View] = []

    def add_view(
        self, label: str, of_unit: Callable[[Commune], tuple[str | None, Lines, str]]
    ) -> None:
        """Add a state: style (None for none), lines of the card and short text of each unit."""
        view = View(label)
        for unit in self.units:
            key, lines, short = of_unit(unit)
            view.styles.append(-1 if key is None else self.style(key))
            card = tuple(tuple(line) for line in lines)
            view.cards.append(self._cards.setdefault(card, len(self._cards)))
            view.shorts.append(self._shorts.setdefault(short, len(self._shorts)))
        self.views.append(view)

    @property
    def used(self) -> frozenset[str]:
        """The styles that a view uses."""
        return frozenset(self._used)

    def style(self, key: str) -> int:
        """Give the number of a style, which the legend then shows."""
        self._used.add(key)
        return self._order[key]

    def data(
        self,
        title: str,
        subtitle: str,
        styled: str,
        notes: Sequence[str],
        *,
        mode: str = "single",
        tvs: Callable[[Commune], str] | None = None,
        bounds: Sequence[Sequence[float]] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Give everything as the page reads it; ``bounds`` are south-west and north-east."""
        named = tvs or (lambda unit: "")
        names = [self._tvs.setdefault(named(unit), len(self._tvs)) for unit in self.units]
        return {
            "title": title,
            "subtitle": subtitle,
            "styled": styled,
            "notes": list(notes),
            "mode": mode,
            "shapes": encoded(self._shapes),
            "units": {
                "code": [unit.code for unit in self.units],
                "name": [unit.name for unit in self.units],
                "area": [unit.departement for unit in self.units],
                "population": [communes.population(unit.code) for unit in self.units],
                "tvs": names,
            },
            "tvs": list(self._tvs),
            "departements": dict(communes.departements()),
            "styles": [style.plain() for style in self._known.values()],
            "shown": sorted(self._order[key] for key in self._used),
            "views": [
                {
                    "label": view.label,
                    "style": view.styles,
                    "card": view.cards,
                    "short": view.shorts,
                }
                for view in self.views
            ],
            "cards": [list(card) for card in self._cards],
            "shorts": list(self._shorts),
            "places": self._places(),
            "bounds": bounds or self.bounds(),
            **more,
        }  # fmt: skip

    def bounds(self, codes: frozenset[str] | None = None) -> list[list[float]]:
        """South-west and north-east of the units shown; of metropolitan France where it is in."""
        west, south, east, north = 180.0, 90.0, -180.0, -90.0
        for unit, box in zip(self.units, boxes(self._shapes), strict=True):
            metropolitan = len(unit.departement) == 2
            if (codes and unit.code in codes) or (codes is None and (metropolitan or self._far)):
                west, south = min(west, box[0]), min(south, box[1])
                east, north = max(east, box[2]), max(north, box[3])
        return [[south, west], [north, east]]

    @property
    def _far(self) -> bool:
        return all(len(unit.departement) == 3 for unit in self.units)

    def _places(self) -> dict[str, list[tuple[float, float, str]]]:
        """Names of régions and départements, in the middle of their communes."""
        found: dict[str, list[tuple[float, float, str]]] = {}
        points = middles(self._shapes)
        for kind, names, codes in (
            ("regions", communes.regions(), [unit.region for unit in self.units]),
            ("areas", communes.departements(), [unit.departement for unit in self.units]),
        ):
            groups: dict[str, list[tuple[float, float]]] = {}
            for code, point in zip(codes, points, strict=True):
                groups.setdefault(code, []).append(point)
            found[kind] = [
                (
                    round(sum(lat for _, lat in inside) / len(inside), 3),
                    round(sum(lon for lon, _ in inside) / len(inside), 3),
                    names[code],
                )
                for code, inside in sorted(groups.items())
                if code in names
            ]
        return found


def verdict_lines(verdict: Verdict, catalogue: Catalogue) -> Lines:
    """The lines of a card that say a verdict."""
    lines: Lines = [("Éligible au CESP ce jour-là", VERDICT_WORDS[verdict.verdict])]
    if verdict.verdict == "undetermined":
        words = ", ".join(VERDICT_WORDS[item].lower() for item in verdict.possible)
        lines.append(("Reste possible", words))
    lines.append(("Pourquoi", REASON_WORDS.get(verdict.reason_code, verdict.explanation)))
    lines += order_lines(verdict.zoning_id, catalogue)
    if verdict.last_eligible_day and verdict.verdict != "eligible":
        lines.append(("Dernier jour éligible", french_day(verdict.last_eligible_day)))
    if verdict.maintainable_until and verdict.verdict != "eligible":
        lines.append(
            ("Peut être maintenu sur une liste jusqu'au", french_day(verdict.maintainable_until))
        )
    return lines


def order_lines(zoning_id: str | None, catalogue: Catalogue) -> Lines:
    """The lines of a card that say an order, with its address where it has one."""
    zoning = catalogue.zonings.get(zoning_id or "")
    if zoning is None:
        return []
    order = zoning.order
    number = f" n° {order.number}" if order.number else ""
    href = next((item.href for item in zoning.sources if item.href), "")
    return [
        ("Arrêté", f"{zoning.title}{number}", href),
        ("En vigueur depuis", french_range(zoning)),
    ]


def french_range(zoning: Zoning) -> str:
    """The day of effect of a version, or the days between which it lies."""
    days = zoning.order.takes_effect
    if days.first == days.last:
        return french_day(days.first)
    return f"entre le {french_day(days.first)} et le {french_day(days.last)}"


def notes_of(catalogue: Catalogue, used: Iterable[str], known_on: date) -> list[str]:
    """What a reader must know: limits, sources and hashes."""
    found = [
        "Contours simplifiés des communes : pour un site près d'une limite, vérifiez son adresse.",
        "Cette carte prépare une décision : elle n'en est pas une. Seul l'arrêté fait foi.",
        f"Répond avec ce qui était enregistré le {french_day(known_on)}.",
    ]
    for zoning_id in sorted(set(used) & set(catalogue.zonings)):
        zoning = catalogue.zonings[zoning_id]
        sources = " ; ".join(item.title for item in zoning.sources)
        found.append(f"{zoning_id} : {sources} (sha256 {zoning.sha256[:16]}…)")
    return found


def middle_of(code: str, on: date) -> tuple[float, float] | None:
    """Give a point (longitude, latitude) inside a commune of a day, None where it has no shape."""
    unit = communes.by_code(code, on)
    if unit is None or not communes.shapes_of(unit.elits):
        return None
    point = communes.polygon(unit.elits).representative_point()
    return point.x, point.y
