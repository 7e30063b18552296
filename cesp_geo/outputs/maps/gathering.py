"""What every map shows: the units of a day, their cards, their names, the sources."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.errors import OutputError
from cesp_geo.outputs.maps.cards import Lines
from cesp_geo.outputs.maps.shapes import Unit, boxes, encoded, middles, text_of
from cesp_geo.outputs.maps.styles import Style
from cesp_geo.siting.national_list import ListedPlace
from cesp_geo.siting.place import Place
from cesp_geo.siting.survey import units_of
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.perimeters import read_perimeters


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of France a map shows: a région, a département, some communes, or all of it."""

    region: str | None = None
    departement: str | None = None
    codes: frozenset[str] | None = None

    def holds(self, unit: Commune | ListedPlace) -> bool:
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


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table, and what the map fills for it.

    Attributes
    ----------
    code, name, departement, region : str
    members : tuple of Commune
        The commune, or the inseparable former communes that share a shape; empty for a place
        inside communes, a point or a project.
    fids : tuple of int
        Its shapes; empty where it has none: it is then in the table and the search alone.
    rings : sequence of rings, each a sequence of [lat, lon]
        Its own perimeter, EPSG:4326.
    zoning_id : str
        The version that designates it, for a place inside communes.
    place : Place or None
        For the place that a map is about.
    """

    code: str
    name: str
    departement: str
    region: str
    members: tuple[Commune, ...] = ()
    fids: tuple[int, ...] = ()
    rings: Sequence[Sequence[Sequence[float]]] = ()
    zoning_id: str = ""
    place: Place | None = None


def commune_rows(units: Iterable[Commune]) -> list[Row]:
    """Give a row for each commune; those that share a shape are one, named by them all."""
    shown = communes.shapes_by_elit()
    groups: dict[int, list[Commune]] = {}
    group_of: dict[int, int] = {}
    for number, unit in enumerate(units):
        fids = {shown[elit] for elit in unit.elits if elit in shown}
        met = sorted({group_of[fid] for fid in fids if fid in group_of})
        members = [member for other in met for member in groups.pop(other)]
        key = met[0] if met else number
        groups[key] = [*members, unit]
        for member in groups[key]:
            group_of |= {shown[elit]: key for elit in member.elits if elit in shown}
    return [_commune_row(tuple(members), shown) for _, members in sorted(groups.items())]


def _commune_row(members: tuple[Commune, ...], shown: Mapping[int, int]) -> Row:
    return Row(
        " + ".join(unit.code for unit in members),
        " / ".join(unit.name for unit in members),
        members[0].departement,
        members[0].region,
        members,
        tuple(sorted({shown[elit] for unit in members for elit in unit.elits if elit in shown})),
    )


def quarter_rows(catalogue: Catalogue, profession: str, selection: Selection) -> Iterator[Row]:
    """Give a row for each place inside communes that a version designates (QPV…)."""
    for zoning in catalogue.zonings.values():
        if zoning.profession != profession or not zoning.by_subunit:
            continue
        drawn = read_perimeters(zoning)
        day = date(zoning.millesime, 1, 1)
        for code, item in sorted(zoning.by_subunit.items()):
            found = (communes.by_code(own, day) for own in item.commune_codes)
            holders = [holder for holder in found if holder]
            if any(map(selection.holds, holders)):
                yield Row(
                    code,
                    item.unit_name or code,
                    holders[0].departement,
                    holders[0].region,
                    rings=_rings(drawn[code]) if code in drawn else (),
                    zoning_id=zoning.id,
                )


def _rings(geometry: Any) -> list[list[list[float]]]:
    import shapely

    return [
        [[round(lat, 5), round(lon, 5)] for lon, lat in ring.coords]
        for part in shapely.get_parts(geometry)
        for ring in (part.exterior, *part.interiors)
    ]


@dataclass
class View:
    """One state of a map: its label, and for each row a style, a card and a short text."""

    label: str
    styles: list[int] = field(default_factory=list)
    cards: list[int] = field(default_factory=list)
    shorts: list[int] = field(default_factory=list)


Shown = tuple[str | None, Lines, str]
"""Key of a style (None: not shown in this view), lines of the card, short text of the table."""


class Gathering:
    """Gathers the data of one page.

    Parameters
    ----------
    units : iterable of Commune
        Communes and municipal arrondissements of one day.
    styles : mapping of str to Style
        Those that the legend may need; only those used are shown.
    day : datetime.date
        Whose régions and départements are outlined and named around what is shown.
    places : iterable of Row
        What is shown besides communes.

    Raises
    ------
    OutputError
        If there is nothing to draw.
    """

    def __init__(
        self,
        units: Iterable[Commune],
        styles: Mapping[str, Style],
        day: date,
        places: Iterable[Row] = (),
    ) -> None:
        self.units = list(units)
        self._around = units_of(day)
        self.rows = [*commune_rows(self.units), *places]
        if not any(row.fids for row in self.rows):
            raise OutputError(
                "Aucune commune à dessiner pour ce choix. Vérifiez la région, le département ou "
                "le jour."
            )
        self._shapes = [Unit(row.fids, row.departement, row.region) for row in self.rows]
        self._known = styles
        self._order = {key: number for number, key in enumerate(styles)}
        self._mixed = "several" if "several" in styles else "undetermined"
        self._used: set[str] = set()
        self._cards: dict[tuple[tuple[str, ...], ...], int] = {}
        self._shorts: dict[str, int] = {"": 0}
        self._tvs: dict[str, int] = {"": 0}
        self.views: list[View] = []

    def add_view(
        self,
        label: str,
        of_unit: Callable[[Commune], Shown],
        of_place: Callable[[Row], Shown] = lambda row: (None, [], ""),
    ) -> None:
        """Add a state: what is shown of each commune, and of each place besides."""
        view = View(label)
        for row in self.rows:
            if row.members:
                key, lines, short = self._of_members(
                    [(unit, of_unit(unit)) for unit in row.members]
                )
            else:
                key, lines, short = of_place(row)
            view.styles.append(-1 if key is None else self.style(key))
            card = tuple(tuple(line) for line in lines)
            view.cards.append(self._cards.setdefault(card, len(self._cards)))
            view.shorts.append(self._shorts.setdefault(short, len(self._shorts)))
        self.views.append(view)

    def _of_members(self, found: Sequence[tuple[Commune, Shown]]) -> Shown:
        """What is shown of former communes whose shapes cannot be told apart."""
        if len(found) == 1:
            return found[0][1]
        keys = {key for _, (key, _, _) in found}
        lines: Lines = [("Contour", "commun à d'anciennes communes qui ne se distinguent plus")]
        if all(shown[1] == found[0][1][1] for _, shown in found):
            lines += found[0][1][1]
        else:
            for unit, (_, own, _) in found:
                lines += [("Commune", f"{unit.name} ({unit.code})"), *own]
        short = " ; ".join(dict.fromkeys(shown[2] for _, shown in found if shown[2]))
        return keys.pop() if len(keys) == 1 else self._mixed, lines, short

    @property
    def used(self) -> frozenset[str]:
        """The styles that a view uses."""
        return frozenset(self._used)

    def style(self, key: str) -> int:
        """Give the number of a style, which the legend then shows."""
        self._used.add(key)
        return self._order[key]

    def number_of(self, codes: Iterable[str]) -> list[int]:
        """Give the numbers of the rows of some communes."""
        wanted = set(codes)
        return [
            number
            for number, row in enumerate(self.rows)
            if any(unit.code in wanted for unit in row.members)
        ]

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
        of_rows = (" / ".join(dict.fromkeys(map(named, row.members))) for row in self.rows)
        names = [self._tvs.setdefault(text, len(self._tvs)) for text in of_rows]
        return {
            "title": title,
            "subtitle": subtitle,
            "styled": styled,
            "notes": [*notes, *self._without_shape()],
            "mode": mode,
            "shapes": encoded(self._shapes, [_unit(unit) for unit in self._around]),
            "rings": {number: row.rings for number, row in enumerate(self.rows) if row.rings},
            "units": {
                "code": [row.code for row in self.rows],
                "name": [row.name for row in self.rows],
                "area": [row.departement for row in self.rows],
                "population": [_population(row) for row in self.rows],
                "tvs": names,
            },
            "tvs": list(self._tvs),
            "departements": dict(communes.departements()),
            "styles": [style.plain() for style in self._known.values()],
            "shown": sorted(self._order[key] for key in self._used),
            "views": list(_packed(self.views)),
            "cards": [list(card) for card in self._cards],
            "shorts": list(self._shorts),
            "places": self._places(),
            "bounds": bounds or self.bounds(),
            **more,
        }

    def _without_shape(self) -> list[str]:
        number = sum(1 for row in self.rows if row.members and not row.fids)
        if not number:
            return []
        names = ", ".join(row.name for row in self.rows if row.members and not row.fids)
        what = f"{number} communes sans contour" if number > 1 else "Une commune sans contour"
        return [f"{what}, dans la recherche et la table seulement : {names[:300]}."]

    def bounds(self, codes: frozenset[str] | None = None) -> list[list[float]]:
        """South-west and north-east of what is shown; of metropolitan France where it is in."""
        west, south, east, north = 180.0, 90.0, -180.0, -90.0
        drawn = [row for row in self.rows if row.fids]
        far = all(len(row.departement) == 3 for row in drawn)
        shapes = [Unit(row.fids, row.departement, row.region) for row in drawn]
        for row, box in zip(drawn, boxes(shapes), strict=True):
            asked = codes and any(unit.code in codes for unit in row.members)
            if asked or (codes is None and (far or len(row.departement) == 2)):
                west, south = min(west, box[0]), min(south, box[1])
                east, north = max(east, box[2]), max(north, box[3])
        return [[south, west], [north, east]]

    def _places(self) -> dict[str, list[tuple[float, float, str]]]:
        """Names of régions and départements, in the middle of their communes."""
        found: dict[str, list[tuple[float, float, str]]] = {}
        shapes = [unit for unit in map(_unit, self._around) if unit.fids]
        points = middles(shapes)
        for kind, names, codes in (
            ("regions", communes.regions(), [unit.region for unit in shapes]),
            ("areas", communes.departements(), [unit.area for unit in shapes]),
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


def _unit(commune: Commune) -> Unit:
    shown = communes.shapes_by_elit()
    fids = tuple(sorted({shown[elit] for elit in commune.elits if elit in shown}))
    return Unit(fids, commune.departement, commune.region)


def _population(row: Row) -> int | None:
    people = [communes.population(unit.code) for unit in row.members]
    known = [number for number in people if number is not None]
    return sum(known) if known and len(known) == len(people) else None


def _packed(views: Sequence[View]) -> Iterator[dict[str, Any]]:
    """The first view whole; of the others, the rows that differ from the one before."""
    last: View | None = None
    for view in views:
        columns = {"style": view.styles, "card": view.cards, "short": view.shorts}
        packed: dict[str, Any] = {"label": view.label}
        if last is not None:
            before = zip(last.styles, last.cards, last.shorts, strict=True)
            now = zip(view.styles, view.cards, view.shorts, strict=True)
            at = [row for row, (one, two) in enumerate(zip(before, now, strict=True)) if one != two]
            packed["at"] = text_of(at)
            columns = {name: [values[row] for row in at] for name, values in columns.items()}
        yield packed | {name: text_of(values) for name, values in columns.items()}
        last = view


def middle_of(code: str, on: date) -> tuple[float, float] | None:
    """Give a point (longitude, latitude) inside a commune of a day, None where it has no shape."""
    unit = communes.by_code(code, on)
    if unit is None or not communes.shapes_of(unit.elits):
        return None
    point = communes.polygon(unit.elits).representative_point()
    return point.x, point.y
