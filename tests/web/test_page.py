"""The referent's page as a person uses it, in a real browser."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from cesp_geo import communes
from cesp_geo.siting.check import check_site
from cesp_geo.siting.words import VERDICT_WORDS
from cesp_geo.web.app import make_app

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(serve: Callable[[Any], str]) -> str:
    return serve(make_app(geocoder_address="http://127.0.0.1:9/search"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        if os.environ.get("CESP_GEO_BROWSER") == "required":
            pytest.fail("Chromium est exigé ici (CESP_GEO_BROWSER=required) et n'est pas installé")
        pytest.skip("pas de Chromium sur cette machine : la page n'est pas ouverte")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A page that fails on any script error or request outside this machine."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, locale="fr-FR")
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else wrong.append(request.url)
        ),
    )
    opened.goto(address)
    yield opened
    context.close()
    assert wrong == []


def ask(page: Any, place: str, day: str) -> str:
    page.fill("#lieu", place)
    page.fill("#le", day)
    page.evaluate("document.querySelector('#reponse').replaceChildren()")
    page.click("#question button[type=submit]")
    page.locator(".verdict, #lieu-erreur:not(:empty)").first.wait_for()
    if page.locator(".verdict").count():
        page.locator("#suite[aria-busy=false]").wait_for()
    return str(page.inner_text("#reponse"))


def test_a_place_and_a_link_that_gives_the_same_answer(page: Any, address: str) -> None:
    assert "Éligible" in ask(page, "Bobigny", "2013-06-01")
    ask(page, "93066", "2013-06-01")
    link = page.get_attribute("#lien", "href")
    page.goto(address + link)
    page.wait_for_selector(".verdict")
    assert "Saint-Denis (93066)" in page.inner_text("#reponse")
    assert page.input_value("#le") == "2013-06-01"
    assert (
        page.input_value("#connu_le")
        == check_site("93066", on="2013-06-01").inputs["known_on"].isoformat()
    )


def test_a_link_of_an_older_day_of_knowledge_answers_as_then(page: Any, address: str) -> None:
    page.goto(f"{address}/?lieu=Bobigny&le=2013-06-01&connu_le=2020-01-01")
    page.wait_for_selector(".verdict.undetermined")
    assert "rien n'était enregistré" in page.inner_text("#reponse")
    page.locator("#suite[aria-busy=false]").wait_for()
    assert "aucun arrêté connu" in page.inner_text("#periodes")


def test_a_no_gives_the_nearest_places_and_one_leads_to_a_yes(page: Any) -> None:
    assert "Non éligible" in ask(page, "Saint-Denis (93)", "2013-06-01")
    page.locator("#proches li a").first.click()
    page.wait_for_selector(".verdict.eligible")
    page.wait_for_selector("#suite[aria-busy=false]")
    assert page.locator("#periodes tbody tr").count() > 2
    assert page.get_attribute("#temps", "alt")


def test_ambiguous_and_unknown_names_say_so_beside_the_field(page: Any) -> None:
    ask(page, "Saint-Denis", "2020-01-01")
    assert "Plusieurs lieux" in page.inner_text("#lieu-erreur")
    assert page.get_attribute("#lieu", "aria-invalid") == "true"
    assert page.evaluate("document.activeElement.id") == "lieu"
    ask(page, "Nulle-Part", "2020-01-01")
    assert "Aucune commune" in page.inner_text("#lieu-erreur")
    page.fill("#lieu", "")
    page.keyboard.type("saint-denis", delay=5)
    page.wait_for_selector("#choix li")
    page.click("#choix li >> nth=0")
    page.wait_for_selector(".verdict")


def test_a_border_a_merger_and_a_contract(page: Any) -> None:
    day = date(2013, 6, 1)
    edges = [communes.polygon(communes.find(n, day).elits).boundary for n in ("Bobigny", "Drancy")]
    point = edges[0].intersection(edges[1]).interpolate(0.5, normalized=True)
    assert "Indéterminé" in ask(page, f"{point.y},{point.x}", "2013-06-01")
    said = ask(page, "Pierrefitte-sur-Seine", "2013-06-01")
    assert "Commune aujourd'hui" in said
    page.fill("#contrat_signe_le", "2001-01-01")
    page.click("#question button[type=submit]")
    page.wait_for_function("() => document.querySelector('#contrat_signe_le-erreur').textContent")
    assert "CESP" in page.inner_text("#contrat_signe_le-erreur")


def test_a_quarter_by_its_code(page: Any) -> None:
    said = ask(page, "QN00401M", "2026-06-01")
    verdict = check_site("QN00401M", on="2026-06-01")
    assert VERDICT_WORDS[verdict.verdict] in said


def test_the_server_gone_is_said(page: Any) -> None:
    page.context.set_offline(True)
    ask(page, "Bobigny", "2013-06-01")
    assert "ne répond plus" in page.inner_text("#lieu-erreur")
    page.context.set_offline(False)
    assert "Éligible" in ask(page, "Bobigny", "2013-06-01")


def test_a_click_on_the_map_asks_its_point(page: Any) -> None:
    ask(page, "Bobigny", "2013-06-01")
    frame = page.frame_locator("#cadre")
    frame.locator("html[data-ready]").wait_for(state="attached")
    frame.locator(".folium-map").click(position={"x": 200, "y": 160})
    page.wait_for_function("() => /^\\d+\\.\\d+,/.test(document.querySelector('#lieu').value)")
    page.wait_for_selector(".verdict")


def test_a_place_is_chosen_on_the_map_of_france(page: Any) -> None:
    page.fill("#le", "2013-06-01")
    page.click("#choisir")
    frame = page.frame_locator("#cadre")
    frame.locator("html[data-ready]").wait_for(state="attached")
    frame.locator("#cesp-search").fill("bobigny")
    frame.locator("#cesp-results button").first.click()
    box = frame.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".verdict")
    assert "Bobigny (93008)" in page.inner_text("#reponse")


def test_the_files_to_take_away(page: Any, tmp_path: Path) -> None:
    ask(page, "Bobigny", "2013-06-01")
    with page.expect_download() as taken:
        page.click("#pdf")
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
    with page.expect_download() as taken:
        page.click("#json")
    plain = json.loads(Path(taken.value.path()).read_text())
    assert plain == json.loads(json.dumps(check_site("Bobigny", on="2013-06-01").to_json()))


def test_the_second_tab_takes_a_file(page: Any, tmp_path: Path) -> None:
    page.focus("#tab-lieu")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-fichier"
    page.click("#envoi button")
    assert "Choisissez" in page.inner_text("#fichier-erreur")
    source = tmp_path / "s.csv"
    source.write_text("code\n93008\n93066\n")
    page.set_input_files("#fichier", source)
    page.fill("#fichier-le", "2013-06-01")
    page.click("#envoi button")
    page.wait_for_selector("#resultat a")
    assert "2 lignes" in page.inner_text("#resultat")
    source.write_text("rien\n1\n")
    page.set_input_files("#fichier", source)
    page.click("#envoi button")
    page.wait_for_function("() => document.querySelector('#fichier-erreur').textContent")
    assert "lon et lat" in page.inner_text("#fichier-erreur")


def test_the_geocoder_down_is_said_and_nothing_is_guessed(page: Any) -> None:
    page.check("#adresse")
    ask(page, "1 rue de la Paix, Paris", "2020-01-01")
    assert "ne répond pas" in page.inner_text("#lieu-erreur")
    assert page.locator(".verdict").count() == 0


def test_by_keyboard_alone(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.focus("#lieu")
    page.keyboard.type("93008")
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict")
    assert page.evaluate("document.activeElement.id") == "reponse"
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert {"lien", "pdf", "json"} <= seen


@pytest.mark.parametrize("width", [1200, 640, 360])
def test_no_violation_of_accessibility_at_any_width(page: Any, width: int) -> None:
    """axe, on the empty page, on an answer, and on an error; 640 px is 200 % of 1280."""
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 740})
    for place in (None, "Saint-Denis (93)", "Nulle-Part"):
        if place:
            ask(page, place, "2013-06-01")
        page.evaluate("() => document.querySelector('#cadre').remove()")
        found = Axe().run(page).response["violations"]
        assert [(item["id"], item["nodes"][0]["html"]) for item in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.reload()
