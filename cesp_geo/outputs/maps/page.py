"""The page around a map: one file that works with the network cut.

Scripts and styles are inside it, and its Content-Security-Policy allows those alone, by their
sha256. Values from data are a JSON text that the page writes as text, never as HTML.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, MacroElement
from jinja2 import Environment, Template

from cesp_geo.errors import OutputError
from cesp_geo.outputs.files import writing

TILES: Mapping[str, tuple[str, str]] = {
    "ign": (
        "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&"
        "LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&STYLE=normal&FORMAT=image/png&"
        "TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",
        "Plan IGN (Licence Ouverte)",
    ),
}
"""Optional backgrounds: address and attribution."""

_METROPOLE = ("Métropole", [[41.2, -5.3], [51.2, 9.7]])
_OVERSEAS = {
    "971": ("Guadeloupe", [[15.8, -61.9], [16.6, -61.0]]),
    "972": ("Martinique", [[14.3, -61.3], [14.9, -60.8]]),
    "973": ("Guyane", [[2.1, -54.7], [5.8, -51.5]]),
    "974": ("La Réunion", [[-21.4, 55.2], [-20.8, 55.9]]),
    "976": ("Mayotte", [[-13.05, 45.0], [-12.6, 45.35]]),
}

_ENVIRONMENT = Environment(autoescape=True)
_HEAD = _ENVIRONMENT.from_string(
    """<a id="cesp-skip" href="#cesp-search">Aller à la recherche</a>
<header id="cesp-head"><h1>{{ title }}</h1><p>{{ subtitle }}</p></header>"""
)
_SIDE = _ENVIRONMENT.from_string(
    """<main id="cesp-side" aria-label="Recherche, fiche, légende et table">
<h2 class="cesp-screen"><label for="cesp-search">Chercher (nom ou code)</label></h2>
<input id="cesp-search" type="search" autocomplete="off" spellcheck="false">
<p id="cesp-found" class="cesp-small" role="status"></p>
<ul id="cesp-results" aria-label="Résultats"></ul>
<p id="cesp-places">{% if places|length > 1 %}{% for name, box in places %}<button type="button"
 data-box="{{ box }}">{{ name }}</button>{% endfor %}{% endif %}</p>
<div id="cesp-views"></div>
<section id="cesp-card" tabindex="-1" aria-live="polite" aria-label="Fiche du lieu">
<p>Choisissez un lieu sur la carte, par la recherche ou dans la table.</p></section>
<h2>Légende</h2><ul id="cesp-legend"></ul>
<h2>À savoir</h2><ul class="cesp-small">{% for note in notes %}<li>{{ note }}</li>{% endfor %}</ul>
<section id="cesp-table" aria-labelledby="cesp-table-title">
<h2 id="cesp-table-title">Table</h2>
<p><label for="cesp-filter">Filtrer (nom, code, département, classe ou détail)</label>
<input id="cesp-filter" type="search" autocomplete="off"></p>
<p id="cesp-count" class="cesp-small" role="status"></p>
<p><button id="cesp-before" type="button">Page précédente</button>
<button id="cesp-after" type="button">Page suivante</button></p>
<div class="cesp-wide"><table><thead><tr><th scope="col">Lieu</th><th scope="col">Code</th>
<th scope="col">Département</th><th scope="col">{{ styled }}</th>
<th scope="col">Détail</th></tr></thead>
<tbody id="cesp-rows"></tbody></table></div></section></main>
<script type="application/json" id="cesp-data">{{ data }}</script>"""
)


def _asset(name: str) -> str:
    return files("cesp_geo.outputs.maps").joinpath(f"assets/{name}").read_text(encoding="utf-8")


def as_json(data: Any) -> str:
    """Give data as a JSON text that no HTML parser can leave.

    Examples
    --------
    >>> as_json({"nom": "</script>"})
    '{"nom":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


class _Start(MacroElement):  # type: ignore[misc]
    """Hands the data of the page to the script that draws it."""

    _template = Template(
        "{% macro script(this, kwargs) %}cespMap({{ this._parent.get_name() }}, "
        "JSON.parse(document.getElementById('cesp-data').textContent));{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()
        self._name, self._id = "debut", "cesp"


class CespMap(folium.Map):  # type: ignore[misc]
    """A Folium map with everything inside, for a page or a notebook.

    Parameters
    ----------
    data : mapping
        What :mod:`cesp_geo.outputs.maps.kinds` gathers.
    tiles : str, optional
        A key of :data:`TILES`; the map then asks that host for its background.

    Raises
    ------
    OutputError
        If the background is unknown.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - Folium's own attribute
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, data: Mapping[str, Any], tiles: str | None = None) -> None:
        if tiles is not None and tiles not in TILES:
            raise OutputError(f"Fond inconnu : « {tiles} ». Choisissez parmi : {', '.join(TILES)}.")
        super().__init__(
            location=(46.6, 2.5),
            zoom_start=6,
            tiles=None,
            zoom_control=False,
            fade_animation=False,
            min_zoom=3,
            max_zoom=15,
            prefer_canvas=True,
            zoom_animation=False,
        )
        self._id = "cesp"
        self.data = {**data, "background": tiles is not None}
        self.host = ""
        if tiles:
            address, words = TILES[tiles]
            self.host = "https://" + address.split("/")[2]
            layer = folium.TileLayer(address, attr=words, name="Fond", opacity=0.5)
            layer._id = "fond"
            layer.add_to(self)
        _Start().add_to(self)

    def save(self, outfile: Any, *args: Any, **kwargs: Any) -> None:
        """Write the page as :func:`save_map` does, Folium's own way of saving."""
        del args, kwargs
        save_map(self, Path(outfile))

    def render(self, **kwargs: Any) -> None:
        """Put the page together around Folium's map."""
        figure = self.get_root()
        figure._id = "page"
        figure.title = self.data["title"]
        for name, text in (
            ("leaflet_css", f"<style>{_asset('leaflet.css')}</style>"),
            ("leaflet_js", f"<script>{_asset('leaflet.js')}</script>"),
            ("cesp_folium_js", f"<script>{_asset('folium.js')}</script>"),
            ("cesp_shapes_js", f"<script>{_asset('shapes.js')}</script>"),
            ("cesp_js", f"<script>{_asset('map.js')}</script>"),
        ):
            figure.header.add_child(_raw(text), name=name)
        figure.html.add_child(_raw(_HEAD.render(self.data)), name="cesp_head")
        super().render(**kwargs)
        figure.header.add_child(_raw(f"<style>{_asset('map.css')}</style>"), name="cesp_css")
        side = _SIDE.render(
            styled=self.data["styled"],
            notes=self.data["notes"],
            places=self._places(),
            data="@@DATA@@",
        ).replace("@@DATA@@", as_json({**self.data, "notes": []}))
        figure.html.add_child(_raw(side), name="cesp_side")

    def _places(self) -> list[tuple[str, str]]:
        """The far parts of France on this map, each with its box."""
        held = {_OVERSEAS.get(area, _METROPOLE)[0] for area in self.data["units"]["area"]}
        return [
            (name, json.dumps(box))
            for name, box in (_METROPOLE, *_OVERSEAS.values())
            if name in held
        ]


class _Raw(Element):  # type: ignore[misc]
    """A text that goes into the page as it is."""

    def __init__(self, text: str) -> None:
        super().__init__(template="{{ this.text }}")
        self.text = text


def _raw(text: str) -> Element:
    return _Raw(text)


def page_of(made: CespMap) -> str:
    """Give the whole page of a map; the same map gives the same text."""
    html: str = made.get_root().render()
    html = html.replace("<html>", '<html lang="fr">', 1)
    # Folium forbids zooming the page: a reader may need it.
    html = re.sub(r'<meta name="viewport"[^>]*/?>', "", html)
    hashes = {"script": [], "style": []}  # type: dict[str, list[str]]
    for kind in hashes:
        for inside in re.findall(rf"<{kind}>(.*?)</{kind}>", html, flags=re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            hashes[kind].append(f"'sha256-{digest}'")
    image = f"data: {made.host}" if made.host else "data:"
    policy = (
        f"default-src 'none'; script-src {' '.join(hashes['script'])}; "
        f"style-src {' '.join(hashes['style'])}; img-src {image}; base-uri 'none'; "
        "form-action 'none'"
    )
    meta = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
    )
    return html.replace("<head>", f"<head>\n{meta}", 1)


def refuse_name(target: Path) -> None:
    """Refuse the name of a file that is no page.

    Raises
    ------
    OutputError
    """
    if target.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"Une carte est une page : nommez-la en .html, pas {target.name}.")


def save_map(made: CespMap, target: Path) -> None:
    """Write a map as one file that works with the network cut.

    Parameters
    ----------
    made : CespMap
    target : pathlib.Path
        ``.html``.

    Raises
    ------
    OutputError
        If it is no ``.html`` or cannot be written.
    """
    refuse_name(target)
    text = page_of(made)
    with writing(target) as path:
        path.write_text(text, encoding="utf-8")
