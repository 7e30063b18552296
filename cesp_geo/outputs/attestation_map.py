"""The map of an attestation: the place and its neighbours by class, and the same in words."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.outputs.maps.styles import CLASS_STYLES, Style, style_of
from cesp_geo.siting.place import Place
from cesp_geo.siting.survey import Answers, place_of
from cesp_geo.siting.verdict import Verdict
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import UNIT_TYPES
from cesp_geo.zonings.perimeters import read_perimeters

_SIDE = 10_000
_MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class PlaceMap:
    """A square SVG, its legend, and its equivalent in words."""

    svg: str
    legend: str
    words: str


def place_map(place: Place, verdict: Verdict, catalogue: Catalogue) -> PlaceMap:
    """Draw the place on the day of its verdict, its outer border thick."""
    own = set(place.elits)
    if place.is_point or place.foci[0].subunit:
        own |= {elit for unit in place.communes for elit in unit.elits}
    if not communes.shapes_of(own):
        missing = "Pas de carte : le contour de ce lieu n'est pas dans les données."
        return PlaceMap(_svg([]), missing, missing)
    whole = communes.polygon(own)
    perimeter = _perimeter(place, verdict, catalogue)
    units = _units(own, verdict.inputs["on"])
    several = sum(bool(own & set(unit.elits)) for unit in units) > 1
    frame = _Frame(whole.bounds, margin=0.1 if several else 0.7)
    drawn = list(_drawn(units, frame, verdict, catalogue))
    parts = [
        f'<path d="{frame.path(shape)}" fill="{_fill(style)}" fill-rule="evenodd" '
        f'stroke="#333" stroke-width="{_SIDE // 400}"/>'
        for _, style, shape in drawn
    ]
    thick = whole if perimeter is None else perimeter
    parts.append(
        f'<path d="{frame.path(thick.intersection(frame.box))}" fill="none" stroke="#111" '
        f'stroke-width="{_SIDE // 90}"/>'
    )
    for _, style, shape in drawn:
        spot = shape.representative_point()
        x, y = frame.at(spot.x, spot.y)
        size = min(_SIDE // 22, max(_SIDE // 40, frame.width(shape) // 3))
        parts.append(
            f'<text x="{x}" y="{y + size // 3}" font-size="{size}" '
            f'text-anchor="middle" font-family="Libertinus Serif">{style.letter}</text>'
        )
    if place.lon is not None and place.lat is not None:
        x, y = frame.at(place.lon, place.lat)
        parts.append(f'<circle cx="{x}" cy="{y}" r="{_SIDE // 60}" fill="#000"/>')
    legend = (
        f"{_thick_words(place, perimeter is not None)} {_named(drawn, _MOST_NAMES)} Contours "
        f"simplifiés, exacts à {communes.POSITIONAL_ACCURACY_M:.0f} m près."
    )
    return PlaceMap(_svg(parts), legend, _named(drawn, len(drawn)))


class _Frame:
    """A square of the ground around some bounds (degrees), drawn on ``_SIDE`` units."""

    def __init__(self, bounds: tuple[float, float, float, float], margin: float) -> None:
        import shapely

        west, south, east, north = bounds
        self._squeeze = math.cos(math.radians((south + north) / 2))
        half = (1 + margin) / 2 * max((east - west) * self._squeeze, north - south)
        self._west = (west + east) / 2 - half / self._squeeze
        self._north = (south + north) / 2 + half
        self._scale = _SIDE / (2 * half)
        self.box = shapely.box(
            self._west,
            self._north - 2 * half,
            self._west + 2 * half / self._squeeze,
            self._north,
        )

    def at(self, lon: float, lat: float) -> tuple[int, int]:
        x = (lon - self._west) * self._squeeze * self._scale
        return round(x), round((self._north - lat) * self._scale)

    def width(self, shape: Any) -> int:
        """The side of a square as large as a shape."""
        return round(math.sqrt(shape.area * self._squeeze) * self._scale)

    def path(self, shape: Any) -> str:
        import shapely

        return "".join(
            "M" + "L".join("{} {}".format(*self.at(x, y)) for x, y in ring.coords) + "Z"
            for part in shapely.get_parts(shape)
            if part.geom_type == "Polygon"
            for ring in (part.exterior, *part.interiors)
        )


def _units(own: set[int], on: date) -> list[Commune]:
    """The communes of the day, or municipal arrondissements, of some parts and around them."""
    found: dict[str, Commune] = {}
    for elit in (*sorted(own), *communes.neighbours(sorted(own))):
        unit = communes.arrondissement_on(elit, on) or communes.commune_on(elit, on)
        if unit:
            found.setdefault(unit.code, unit)
    return list(found.values())


def _drawn(
    units: list[Commune], frame: _Frame, verdict: Verdict, catalogue: Catalogue
) -> Iterator[tuple[Commune, Style, Any]]:
    """What the frame shows of some units: each with its class and its shape inside it."""
    inputs = verdict.inputs
    on: date = inputs["on"]
    answers = Answers(catalogue, on, inputs["profession"], known_on=inputs["known_on"])
    for unit in units:
        shape = communes.polygon(unit.elits).intersection(frame.box)
        if not shape.is_empty:
            yield unit, CLASS_STYLES[style_of(answers.of(place_of(unit, on)))], shape


def _named(drawn: list[tuple[Commune, Style, Any]], most: int) -> str:
    """Each class with its letter and the communes that the map shows in it."""
    names: dict[Style, list[str]] = {}
    for unit, style, _ in drawn:
        names.setdefault(style, []).append(unit.name)
    sentences = []
    for style, held in names.items():
        label = style.label.removesuffix(f" ({style.letter})")
        others = " et d'autres" if len(held) > most else ""
        sentences.append(f"{style.letter}, {label} : {', '.join(held[:most])}{others}.")
    return " ".join(sentences)


def _perimeter(place: Place, verdict: Verdict, catalogue: Catalogue) -> Any:
    """The perimeter of a sub-unit, from the version that decides if it brings one."""
    code = place.foci[0].subunit
    versions = sorted(
        catalogue.designating(code) if code else (),
        key=lambda item: (item.id == verdict.zoning_id, item.order.takes_effect.first),
    )
    held = [shape for item in versions if (shape := read_perimeters(item).get(code))]
    return held[-1] if held else None


def _thick_words(place: Place, located: bool) -> str:
    if place.is_point:
        return "Point noir : le lieu ; trait épais : sa commune."
    if not place.foci[0].subunit:
        return "Trait épais : le lieu."
    kind = UNIT_TYPES[place.unit_type]
    if located:
        return f"Trait épais : le périmètre du lieu, {kind}."
    around = "les communes" if len(place.communes) > 1 else "la commune"
    return f"Trait épais : {around} du lieu, {kind}, dont le périmètre n'est pas chargé."


def _fill(style: Style) -> str:
    return {"solid": "#cfe0f0", "pierced": "#e5bccd"}.get(style.pattern, style.pale)


def _svg(parts: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE} {_SIDE}">'
    return head + "".join(parts) + "</svg>"
