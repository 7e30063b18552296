"""Maps as a person opens them: in a real browser, with the network cut."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from made_up import catalogue_of

from cesp_geo import communes
from cesp_geo.cli import main
from cesp_geo.dates import parse_day_range
from cesp_geo.outputs.maps import (
    CespMap,
    comparison_map,
    history_map,
    place_map,
    save_map,
    zoning_map,
)
from cesp_geo.outputs.maps.gathering import Gathering, Row
from cesp_geo.outputs.maps.page import as_json, page_of
from cesp_geo.outputs.maps.styles import CLASS_STYLES, OUTCOME_STYLES, STATUS_STYLES
from cesp_geo.siting.check import check_site
from cesp_geo.siting.comparison import diff_zonings
from cesp_geo.siting.nearest import nearest_eligible
from cesp_geo.siting.place import resolve
from cesp_geo.siting.survey import units_of
from cesp_geo.siting.words import VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.importing import About, prepare
from cesp_geo.zonings.model import Source
from cesp_geo.zonings.readers.layers import read_layer

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
DAY = date(2013, 6, 1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        if os.environ.get("CESP_GEO_BROWSER") == "required":
            pytest.fail("Chromium est exigé ici (CESP_GEO_BROWSER=required) et n'est pas installé")
        pytest.skip("pas de Chromium sur cette machine : les cartes ne sont pas ouvertes")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that fails on any console error, page error or request to the network."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda item: wrong.append(item.text) if item.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "data:")) else wrong.append(request.url)
        ),
    )
    yield opened
    context.close()
    assert wrong == []


def show(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")


def find(page: Any, text: str) -> str:
    page.fill("#cesp-search", text)
    page.click("#cesp-results button")
    return str(page.inner_text("#cesp-card"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of map, drawn by the command line on the embedded data."""
    folder = tmp_path_factory.mktemp("cartes")
    (folder / "f.csv").write_text(
        "signataire;date_fiche;commune;specialite\nS1;2012-09-01;Bobigny;mg\n"
        "S2;2013-02-01;93008;mg\nS3;2013-02-01;Bagnolet;mg\n",
        encoding="utf-8",
    )
    for name, words in {
        "zonage": ["--le", "2013-06-01", "--region", "11"],
        "historique": ["--du", "2005-06-01", "--au", "2020-06-01", "--departement", "93"],
        "liste": ["--publiee-le", "2018-01-01", "--region", "11"],
        "comparaison": ["idf-2005", "idf-2012"],
        "conflits": [str(folder / "f.csv"), "--le", "2013-06-01"],
        "lieu": ["Saint-Denis (93)", "--le", "2013-06-01"],
    }.items():
        with pytest.raises(SystemExit) as caught:
            main(["carte", name, *words, "--sortie", str(folder / f"{name}.html")])
        assert caught.value.code == 0
    return folder


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1280, 800), (360, 740)])
@pytest.mark.parametrize(
    "kind", ["zonage", "historique", "liste", "comparaison", "conflits", "lieu"]
)
def test_every_kind_opens_offline_and_fits(
    page: Any, drawn: Path, kind: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    show(page, drawn / f"{kind}.html")
    assert page.get_attribute("html", "lang") == "fr"
    assert page.title()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.locator("#cesp-legend li").count() >= 2
    assert page.locator("#cesp-rows tr").count() > 3
    painted = page.evaluate(
        """() => [...document.querySelectorAll('canvas.leaflet-tile')].some((tile) =>
        tile.getContext('2d').getImageData(0, 0, tile.width, tile.height).data.some((v) => v))"""
    )
    assert painted
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:120]) for item in found] == []


@pytest.mark.browser
def test_the_card_says_what_a_check_says(page: Any, drawn: Path) -> None:
    show(page, drawn / "zonage.html")
    for text, code in (
        ("bobigny", "93008"), ("93066", "93066"), ("EPINAY SUR SEINE", "93031"),
        ("Melun", "77288"), ("paris 1er", "75101"),
    ):  # fmt: skip
        card = find(page, text)
        verdict = check_site(code, on=DAY)
        assert f"({code})" in card
        assert f"Éligible au CESP ce jour-là\n{VERDICT_WORDS[verdict.verdict]}" in card
    assert "12-209" in find(page, "bobigny")
    card = find(page, "bobigny")
    assert "24 mai 2012" in card
    assert "habitants" in card


PAINTED = """(spots) => Object.fromEntries(spots.map(([code, lat, lon]) => {
  const at = map_cesp.latLngToContainerPoint([lat, lon]);
  const box = map_cesp.getContainer().getBoundingClientRect();
  const x = Math.round(box.left + at.x) - 8, y = Math.round(box.top + at.y) - 8;
  for (const tile of document.querySelectorAll("canvas.leaflet-tile")) {
    const side = tile.getBoundingClientRect();
    if (x < side.left || x + 16 >= side.right || y < side.top || y + 16 >= side.bottom) continue;
    const seen = tile.getContext("2d").getImageData(x - side.left, y - side.top, 16, 16).data;
    const sum = [0, 0, 0];
    seen.forEach((value, i) => { if (i % 4 < 3) sum[i % 4] += value / 256; });
    return [code, sum];
  }
  return [code, null];
}))"""
"""The mean colour of 16 by 16 pixels around each point: that of its pattern."""


@pytest.mark.browser
def test_places_of_one_answer_are_painted_alike_and_others_differently(
    page: Any, drawn: Path
) -> None:
    """A class for certain, a class to confirm, outside, unknown: four looks."""
    show(page, drawn / "zonage.html")
    page.evaluate("map_cesp.setView([48.88, 2.55], 11, {animate: false})")
    page.wait_for_timeout(600)
    spots, answers = [], {}
    for unit in units_of(DAY):
        if unit.region != "11" or not communes.shapes_of(unit.elits):
            continue
        circle = shapely.maximum_inscribed_circle(communes.polygon(unit.elits))
        if circle.length > 0.012:
            lon, lat = circle.coords[0]
            spots.append([unit.code, lat, lon])
            verdict = check_site(unit.code, on=DAY)
            answers[unit.code] = (verdict.verdict, verdict.zone_class)
    colours: dict[tuple[str, str | None], list[list[float]]] = {}
    for code, mean in page.evaluate(PAINTED, spots).items():
        if mean is not None:
            colours.setdefault(answers[code], []).append(mean)
    assert set(colours) == {
        ("eligible", "DEFICITAIRE"), ("undetermined", "DEFICITAIRE"),
        ("undetermined", None), ("not_eligible", "HZ"),
    }  # fmt: skip
    centres = {key: np.median(found, axis=0) for key, found in colours.items()}
    for key, found in colours.items():
        assert len(found) >= 3
        assert np.abs(np.array(found) - centres[key]).max() < 30
    for one, two in combinations(centres.values(), 2):
        assert np.abs(one - two).max() > 20


@pytest.mark.browser
def test_every_commune_of_the_day_is_in_the_search(page: Any, drawn: Path) -> None:
    """Former communes that share a shape too, and those whose shape is not known."""
    show(page, drawn / "zonage.html")
    shown = {
        code
        for text in page.evaluate("JSON.parse(document.getElementById('cesp-data').innerText)"
                                  ".units.code")
        for code in text.split(" + ")
    }  # fmt: skip
    assert shown == {unit.code for unit in units_of(DAY) if unit.region == "11"}
    for text in ("evry", "91228"):
        assert "Évry" in find(page, text)
    assert "ne se distinguent plus" in page.inner_text("#cesp-card")


@pytest.mark.browser
def test_clicks_keys_and_layers(page: Any, drawn: Path) -> None:
    show(page, drawn / "zonage.html")
    find(page, "Bobigny")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert "Bobigny (93008)" in page.inner_text("#cesp-card")
    page.keyboard.press("Tab")
    before = page.inner_text("#cesp-count")
    page.locator("#cesp-legend input").first.uncheck()
    assert page.inner_text("#cesp-count") != before
    page.locator("#cesp-legend input").first.check()
    page.fill("#cesp-filter", "hors zonage")
    assert set(page.locator("#cesp-rows td:nth-of-type(3)").all_inner_texts()) == {"hors zonage"}
    page.fill("#cesp-filter", "hauts hors zonage")
    assert set(page.locator("#cesp-rows td:nth-of-type(2)").all_inner_texts()) == {"Hauts-de-Seine"}
    page.fill("#cesp-search", "st denis")
    assert page.inner_text("#cesp-results li:first-child") == "Saint-Denis (93066)"
    page.fill("#cesp-search", "9300")
    assert all("(9300" in text for text in page.locator("#cesp-results li").all_inner_texts())
    page.fill("#cesp-search", "saint")
    assert "12 premiers résultats sur" in page.inner_text("#cesp-found")
    page.fill("#cesp-filter", "")
    first = page.inner_text("#cesp-rows tr:first-child th")
    page.click("#cesp-after")
    assert page.inner_text("#cesp-rows tr:first-child th") != first
    page.focus("#cesp-search")
    page.keyboard.type("aulnay sous bois")
    page.keyboard.press("Enter")
    assert "Aulnay-sous-Bois" in page.inner_text("#cesp-card")
    assert page.evaluate("document.activeElement.id") == "cesp-card"


@pytest.mark.browser
def test_versions_slide_and_the_curtain_moves(page: Any, drawn: Path) -> None:
    show(page, drawn / "historique.html")
    find(page, "bobigny")
    labels = set()
    for _ in range(int(page.get_attribute("#cesp-slider", "max"))):
        page.focus("#cesp-slider")
        page.keyboard.press("ArrowLeft")
        labels.add(page.inner_text("#cesp-views output"))
        if page.inner_text("#cesp-views output") == "24 mai 2012":
            assert "zone déficitaire" in page.inner_text("#cesp-card")
    assert "24 mai 2012" in labels
    show(page, drawn / "comparaison.html")
    said = find(page, "77015")
    assert "zone déficitaire (mission régionale de santé) → zone déficitaire" in said
    assert "12-209" in said
    assert "05.01" in said
    before = page.evaluate("document.querySelector('.leaflet-cesp-right-pane').style.clip")
    page.focus("#cesp-curtain")
    page.keyboard.press("Home")
    after = page.evaluate("document.querySelector('.leaflet-cesp-right-pane').style.clip")
    assert after != before


@pytest.mark.browser
def test_the_nearest_places_are_numbered(page: Any, drawn: Path) -> None:
    show(page, drawn / "lieu.html")
    catalogue = Catalogue.load()
    near = nearest_eligible(resolve("93066", DAY, catalogue), DAY, catalogue)
    marks = page.locator(".cesp-mark")
    assert marks.all_inner_texts() == [str(rank) for rank in range(1, len(near) + 1)]
    marks.first.focus()
    page.keyboard.press("Enter")
    card = page.inner_text("#cesp-card")
    assert near[0].name in card
    assert "zone déficitaire" in card


@pytest.mark.browser
def test_a_list_says_until_when(page: Any, tmp_path: Path) -> None:
    from cesp_geo.outputs.maps import list_map
    from cesp_geo.siting.national_list import national_list

    catalogue = catalogue_of(
        [
            {"region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP"}},
            {"region": "28", "effet": "2021-03-16", "classes": {"50502": "HZ"}},
        ]
    )
    listed = national_list(catalogue, date(2024, 3, 15), everything=True)
    save_map(list_map(listed, catalogue, departement="50"), tmp_path / "l.html")
    show(page, tmp_path / "l.html")
    assert "15 mars 2024" in find(page, "50502")


@pytest.mark.browser
def test_perimeters_lie_over_the_communes(page: Any, tmp_path: Path) -> None:
    rennes = communes.polygon(communes.find("Rennes", date(2025, 6, 1)).elits).centroid
    frame = gpd.GeoDataFrame(
        {"code": ["QN03501M"], "nom": ["<b>Quartier</b>"], "classe": ["ZIP"]},
        geometry=[rennes.buffer(0.01)],
        crs="EPSG:4326",
    )
    frame.to_file(tmp_path / "q.gpkg", engine="pyogrio")
    catalogue = catalogue_of(
        [{"region": "53", "effet": "2024-01-01", "classes": {"35238": "ZAC", "35001": "HZ"}}]
    )
    catalogue.home = tmp_path / "zonings"
    about = About(region="53", effective=parse_day_range("2025-01-01"), amending=True)
    made = prepare(read_layer(tmp_path / "q.gpkg"), about, date(2026, 1, 1))
    catalogue.add(made.drafts, made.perimeters)
    day = date(2025, 6, 1)
    save_map(zoning_map(catalogue, day, departement="35"), tmp_path / "q.html")
    show(page, tmp_path / "q.html")
    find(page, "Rennes")
    page.locator(".folium-map").click()
    said = page.inner_text("#cesp-card")
    assert "<b>Quartier</b> (QN03501M)" in said
    assert "Éligible au CESP ce jour-là\nÉligible" in said
    assert "QN03501M" in find(page, "quartier")
    page.fill("#cesp-filter", "QN03501M")
    assert page.inner_text("#cesp-count").startswith("1 lieu")
    page.locator("#cesp-legend label", has_text="intervention prioritaire").locator(
        "input"
    ).uncheck()
    assert page.inner_text("#cesp-count").startswith("0 lieu")
    save_map(zoning_map(catalogue, date(2024, 6, 1), departement="35"), tmp_path / "a.html")
    show(page, tmp_path / "a.html")
    page.fill("#cesp-filter", "QN03501M")
    assert page.inner_text("#cesp-count").startswith("0 lieu")
    middle = f"{round(rennes.y, 5)},{round(rennes.x, 5)}"
    for place in ("QN03501M", middle):
        save_map(place_map(place, catalogue, day), tmp_path / "l.html")
        show(page, tmp_path / "l.html")
        said = page.inner_text("#cesp-card")
        assert place in said
        assert VERDICT_WORDS[check_site(place, on=day, catalogue=catalogue).verdict] in said
    history = history_map(catalogue, date(2024, 6, 1), day, departement="35")
    save_map(history, tmp_path / "h.html")
    show(page, tmp_path / "h.html")
    assert "intervention prioritaire" in find(page, "QN03501M")
    page.focus("#cesp-slider")
    page.keyboard.press("Home")
    assert "sans objet ce jour-là" in page.inner_text("#cesp-card")


@pytest.mark.browser
def test_projects_are_rows_and_their_marks_take_the_focus(page: Any, drawn: Path) -> None:
    show(page, drawn / "conflits.html")
    for name in ("S1", "S2", "S3"):
        assert "Pourquoi" in find(page, name)
    marks = page.locator(".cesp-mark")
    assert sorted(marks.all_inner_texts()) == ["2", "S3"]
    for mark in marks.all():
        mark.focus()
        page.keyboard.press("Enter")
        assert mark.get_attribute("title") in page.inner_text("#cesp-card h2")


@pytest.mark.browser
def test_projects_of_one_commune_are_one_mark_with_their_number(page: Any, tmp_path: Path) -> None:
    sheets = "".join(f"P{rank};201{rank}-01-01;93008;mg\n" for rank in (1, 2, 3))
    (tmp_path / "f.csv").write_text(f"signataire;date_fiche;commune;specialite\n{sheets}")
    words = [str(tmp_path / "f.csv"), "--le", "2016-01-01", "--sortie", str(tmp_path / "c.html")]
    with pytest.raises(SystemExit):
        main(["carte", "conflits", *words])
    page.set_viewport_size({"width": 360, "height": 740})
    show(page, tmp_path / "c.html")
    mark = page.locator(".cesp-mark")
    assert mark.all_inner_texts() == ["3"]
    assert mark.get_attribute("title") == "3 projets : P1, P2, P3"
    mark.focus()
    page.keyboard.press("Enter")
    card = page.inner_text("#cesp-card")
    assert all(f"P{rank}\n" in card and f"rang {rank}" in card for rank in (1, 2, 3))


@pytest.mark.browser
def test_on_a_phone_a_row_of_the_table_brings_its_card(page: Any, drawn: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    show(page, drawn / "zonage.html")
    page.locator("#cesp-rows button").nth(40).click()
    box = page.locator("#cesp-card h2").bounding_box()
    assert 0 <= box["y"] <= 700
    assert page.evaluate("document.activeElement.id") == "cesp-card"


@pytest.mark.browser
def test_on_paper_the_map_is_whole_and_says_its_version(page: Any, drawn: Path) -> None:
    show(page, drawn / "historique.html")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})
    box = page.locator(".folium-map").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 718
    assert page.locator("#cesp-views output").is_visible()
    assert not page.locator("#cesp-slider").is_visible()
    assert not page.locator("label[for=cesp-search]").is_visible()


@pytest.mark.browser
def test_a_notebook_adds_markers_and_popups(page: Any, tmp_path: Path) -> None:
    made = zoning_map(Catalogue.load(), DAY, departement="93")
    folium.Marker([48.91, 2.43], popup="<b>Ici</b>", tooltip="là").add_to(made)
    folium.Marker([48.92, 2.45], icon=folium.Icon(color="red")).add_to(made)
    made.save(tmp_path / "n.html")
    show(page, tmp_path / "n.html")
    assert page.locator("img.leaflet-marker-icon").count() == 2
    page.locator("img.leaflet-marker-icon").first.click()
    assert page.inner_text(".leaflet-popup-content") == "Ici"
    assert "Content-Security-Policy" in (tmp_path / "n.html").read_text(encoding="utf-8")


HOSTILE = (
    "<img src=x onerror=\"document.title='pris'\">'\u202e😀</script>"
    "<script>document.title='pris'</script>"
)


@pytest.mark.browser
def test_hostile_values_are_shown_as_text(page: Any, tmp_path: Path) -> None:
    units = [unit for unit in units_of(DAY) if unit.departement == "93"]
    places = [Row(HOSTILE, HOSTILE, "93", "11")]
    gathering = Gathering(units, CLASS_STYLES, DAY, places)
    shown: Any = ("ZIP", [(HOSTILE, HOSTILE, HOSTILE)], HOSTILE)
    gathering.add_view(HOSTILE, lambda unit: shown, lambda row: shown)
    data = gathering.data(HOSTILE, HOSTILE, HOSTILE, [HOSTILE], tvs=lambda unit: HOSTILE)
    data["units"]["name"] = [HOSTILE] * len(gathering.rows)
    data["points"] = [{"lat": 48.9, "lon": 2.44, "name": HOSTILE, "lines": [[HOSTILE, HOSTILE]]}]
    data["first"] = 0
    save_map(CespMap(data), tmp_path / "h.html")
    show(page, tmp_path / "h.html")
    page.fill("#cesp-filter", "img")
    assert page.title() == HOSTILE
    assert page.locator("img").count() == 0
    assert HOSTILE in page.inner_text("#cesp-card")
    assert HOSTILE in page.inner_text("#cesp-head")
    assert HOSTILE in page.inner_text("#cesp-rows")
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0


def test_the_policy_allows_only_what_is_inside() -> None:
    catalogue = Catalogue.load()
    text = page_of(zoning_map(catalogue, DAY, departement="93"))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "unsafe" not in policy[1]
    assert "http" not in policy[1]
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*https?:", text)
    tiled = page_of(zoning_map(catalogue, DAY, departement="93", tiles="ign"))
    assert '"background":true' in tiled
    assert "img-src data: https://data.geopf.fr" in tiled
    assert page_of(zoning_map(catalogue, DAY, departement="93")) == text


def test_json_cannot_leave_its_script() -> None:
    text = as_json({"a": HOSTILE + "&\u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": HOSTILE + "&\u2028"}


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


_BLINDNESS = {
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
"""Simulation matrices of Machado, Oliveira and Fernandes (2009), full severity, linear RGB."""


@pytest.mark.parametrize("styles", [CLASS_STYLES, STATUS_STYLES, OUTCOME_STYLES])
def test_legends_keep_contrast_and_never_rest_on_colour_alone(styles: dict[str, Any]) -> None:
    for style in styles.values():
        grounds = ["#ffffff"] if style.pattern in ("solid", "none") else ["#ffffff", style.pale]
        for ground in grounds:
            contrast = (_luminance(ground) + 0.05) / (_luminance(style.color) + 0.05)
            assert contrast >= 3
    drawn = [(style.letter, style.pattern) for style in styles.values()]
    assert len({letter for letter, _ in drawn}) == len(drawn)
    others = {"INTERMEDIAIRE", "NON_PRIORITAIRE"}
    medical = [style for key, style in styles.items() if "DOTEE" not in key and key not in others]
    assert len({(style.pattern, style.color) for style in medical}) == len(medical)
    main = [styles[key] for key in ("ZIP", "ZAC", "ZAR", "ZV", "HZ", "?", "none") if key in styles]
    assert len({style.pattern for style in main}) == len(main)


@pytest.mark.parametrize("kind", _BLINDNESS)
def test_the_main_colours_stay_apart_in_colour_blindness(kind: str) -> None:
    """At least 0.1 in linear RGB between the colours of ZIP and ZAC, as a person would see them."""

    def seen(colour: str) -> list[float]:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return [sum(a * b for a, b in zip(row, linear, strict=True)) for row in _BLINDNESS[kind]]

    one, two = (seen(CLASS_STYLES[key].color) for key in ("ZIP", "ZAC"))
    assert sum((a - b) ** 2 for a, b in zip(one, two, strict=True)) ** 0.5 > 0.1


def test_simplified_shapes_leave_no_sliver_and_lose_nobody() -> None:
    """Every border belongs to one or two shapes; areas stay within a few per cent."""
    from cesp_geo.communes.locate import all_shapes
    from cesp_geo.outputs.maps.shapes import SCALE, _arrays

    held = _arrays()
    originals = all_shapes()
    assert set(held["ring_shape"]) == set(range(1, len(originals) + 1))
    used = np.bincount(np.abs(held["ring_arcs"]))[1:]
    assert set(used) <= {1, 2}
    areas = np.zeros(len(originals))
    for ring in range(0, len(held["ring_shape"])):
        points = []
        for reference in held["ring_arcs"][held["ring_start"][ring] : held["ring_start"][ring + 1]]:
            arc = abs(reference) - 1
            steps = held["deltas"][held["arc_start"][arc] : held["arc_start"][arc + 1]]
            whole = np.vstack([[0, 0], np.cumsum(steps, axis=0)]) + held["first"][arc]
            points.append(whole[::-1] if reference < 0 else whole)
        joined = np.vstack(points) / SCALE
        assert (joined[0] == joined[-1]).all()
        x, y = joined[:, 0], joined[:, 1]
        areas[held["ring_shape"][ring] - 1] += (
            abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2
        )
    change = np.abs(areas / shapely.area(originals) - 1)
    assert np.median(change) < 0.01
    assert (change > 0.3).mean() < 0.005


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["zonage", "--le", "1990-01-01"], "zonages importer"),
        (["zonage", "--le", "2013-06-01", "--region", "53"], "zonages importer"),
        (["zonage", "--le", "2013-06-01", "--region", "99"], "Région inconnue"),
        (["zonage", "--le", "2013-06-01", "--departement", "2C"], "Département inconnu"),
        (
            ["zonage", "--le", "2013-06-01", "--region", "11", "--departement", "29"],
            "Aucune commune",
        ),
        (["historique", "--du", "2014-01-01", "--au", "2013-01-01"], "Échangez"),
        (["lieu", "Nulle-Part", "--le", "2013-06-01"], "Nulle-Part"),
        (["lieu", "97801", "--le", "2025-06-01"], "pas de contour"),
        (["liste", "--publiee-le", "1990-01-01"], "Aucun arrêté"),
        (["comparaison", "idf-2005", "idf-1789"], "idf-2012"),
    ],
)
def test_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    for target in (tmp_path / "c.html",):
        with pytest.raises(SystemExit) as caught:
            main(["carte", *words, "--sortie", str(target)])
        assert caught.value.code == 2
        err = capsys.readouterr().err
        assert says in err
        assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for target, says in (
        (tmp_path / "non" / "c.html", "n'existe pas"),
        (tmp_path / "c.png", ".html"),
    ):
        with pytest.raises(SystemExit) as caught:
            main(["carte", "comparaison", "idf-2005", "idf-2012", "--sortie", str(target)])
        assert caught.value.code == 2
        assert says in capsys.readouterr().err


def test_a_notebook_gets_a_folium_map() -> None:
    catalogue = Catalogue.load()
    diff = diff_zonings(catalogue.zoning("idf-2005"), catalogue.zoning("idf-2012"))
    made = comparison_map(diff, catalogue)
    assert isinstance(made, folium.Map)
    assert "iframe" in made._repr_html_()


def test_a_place_before_the_known_orders_is_drawn_without_alternatives() -> None:
    drawn = place_map("Bobigny", Catalogue.load(), date(1990, 1, 1))
    assert drawn.data["points"] == []


@pytest.mark.browser
def test_an_order_leads_to_its_text_and_says_its_days(page: Any, tmp_path: Path) -> None:
    catalogue = catalogue_of([{"region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP"}}])
    ((key, zoning),) = ((k, v) for k, v in catalogue.zonings.items() if v.region == "28")
    source = Source("Recueil", "https://exemple.fr/arrete.pdf")
    catalogue.zonings[key] = replace(zoning, sources=(source,))
    save_map(zoning_map(catalogue, date(2020, 1, 1), departement="50"), tmp_path / "o.html")
    show(page, tmp_path / "o.html")
    said = find(page, "50502")
    assert "1er janvier 2019" in said
    assert "Recueil" in said
    assert page.get_attribute("#cesp-card a", "href") == source.href
