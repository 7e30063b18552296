"""The referent's page as a person uses it, in a real browser."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from cesp_geo import communes
from cesp_geo.dates import french_day
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


def test_five_digits_of_two_readings_are_offered_and_one_is_taken(page: Any, address: str) -> None:
    ask(page, "13001", "2022-06-01")
    assert page.locator(".verdict").count() == 0
    assert "c'est aussi le code postal" in page.inner_text("#lieu-erreur")
    page.wait_for_selector("#lectures button")
    assert page.locator("#lectures button").all_inner_texts() == [
        "Aix-en-Provence (13, code 13001)",
        "Marseille 1er Arrondissement (13, de ce code postal, code 13201)",
    ]
    page.click("#lectures button >> nth=1")
    page.wait_for_selector(".verdict")
    assert "Marseille 1er" in page.inner_text("#reponse")
    ask(page, "13001", "2022-06-01")
    page.click("#lectures button >> nth=0")
    page.wait_for_selector(".verdict")
    assert "Aix-en-Provence (13001)" in page.inner_text("#reponse")
    page.goto(f"{address}/?lieu=13001&le=2022-06-01")
    page.wait_for_selector(".verdict")
    assert "13001 est lu comme un code INSEE" in page.inner_text("#reponse")


def test_a_postcode_with_and_without_a_name(page: Any) -> None:
    assert "Bobigny (93008)" in ask(page, "93000 Bobigny", "2013-06-01")
    ask(page, "01120", "2013-06-01")
    assert "Plusieurs lieux" in page.inner_text("#lieu-erreur")
    buttons = page.locator("#lectures button")
    buttons.first.wait_for()
    assert buttons.count() > 5
    name = buttons.first.inner_text().split(" (")[0]
    buttons.first.click()
    page.wait_for_selector(".verdict")
    assert name in page.inner_text("#reponse")
    assert page.locator("#lectures button").count() == 0


def test_a_link_the_page_cannot_hold_is_said_beside_its_field(page: Any, address: str) -> None:
    page.goto(f"{address}/?lieu=Bobigny&le=01/06/2013&profession=devin&contrat_signe_le=zz&x=1")
    page.wait_for_selector("#profession-erreur:not(:empty)")
    assert page.input_value("#le") == "2013-06-01"
    for field, value in (("profession", "devin"), ("contrat_signe_le", "zz")):
        assert value in page.inner_text(f"#{field}-erreur")
        assert page.get_attribute(f"#{field}", "aria-invalid") == "true"
        assert f"{field}-erreur" in page.get_attribute(f"#{field}", "aria-describedby")
    assert page.evaluate("document.activeElement.id") == "profession"
    assert ": x." in page.inner_text("#inconnus").replace("\u00a0", " ")
    assert page.locator(".verdict").count() == 0
    page.goto(f"{address}/?lieu=Bobigny&le=01/06/2013")
    page.wait_for_selector(".verdict.eligible")


def test_each_error_stands_beside_its_own_field(page: Any) -> None:
    page.fill("#lieu", "Bobigny")
    for field, value in (
        ("le", ""),
        ("le", "1989-01-01"),
        ("contrat_signe_le", "1995-01-01"),
        ("demande_le", "1989-01-01"),
        ("liste_publiee_le", "2101-01-01"),
        ("connu_le", "1989-01-01"),
    ):
        page.fill("#le", "2013-06-01")
        page.fill(f"#{field}", value)
        page.click("#question button[type=submit]")
        page.wait_for_selector(f"#{field}-erreur:not(:empty)")
        assert page.evaluate("document.activeElement.id") == field
        assert page.locator(".error:not(:empty)").count() == 1
        page.fill(f"#{field}", "")


def test_a_new_answer_is_a_step_and_back_returns_to_the_one_before(page: Any) -> None:
    ask(page, "Bobigny", "2013-06-01")
    ask(page, "93066", "2013-06-01")
    page.go_back()
    page.wait_for_selector(".verdict.eligible")
    assert "Bobigny (93008)" in page.inner_text("#reponse")
    assert page.input_value("#lieu") == "Bobigny"
    page.go_back()
    page.wait_for_function("() => !document.querySelector('.verdict')")
    page.go_forward()
    page.wait_for_selector(".verdict.eligible")


def test_today_by_default(page: Any) -> None:
    days = {date.today().isoformat(), (date.today() - timedelta(days=1)).isoformat()}
    assert page.input_value("#le") in days
    assert page.input_value("#fichier-le") in days
    page.fill("#lieu", "93008")
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict")
    assert french_day(date.fromisoformat(page.input_value("#le"))) in page.inner_text("#reponse")


def test_phone_width_asks_answers_and_shows_the_map(page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    assert "Éligible" in ask(page, "Bobigny", "2013-06-01")
    frame = page.frame_locator("#cadre")
    frame.locator("html[data-ready]").wait_for(state="attached")
    box = page.locator("#cadre").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    frame.locator(".folium-map").click(position={"x": 150, "y": 150})
    page.wait_for_function("() => /^\\d+\\.\\d+,/.test(document.querySelector('#lieu').value)")
    page.click("#tab-fichier")
    page.locator("#envoi button").click()
    assert "Choisissez" in page.inner_text("#fichier-erreur")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


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


def test_a_map_to_choose_on_the_default_day_and_a_day_that_is_missing(page: Any) -> None:
    page.click("#choisir")
    assert page.evaluate("document.activeElement.id") == "carte"
    page.frame_locator("#cadre").locator("html[data-ready]").wait_for(state="attached")
    page.fill("#le", "")
    page.click("#choisir")
    assert "Le jour manque" in page.inner_text("#le-erreur")
    assert page.evaluate("document.activeElement.id") == "le"


def test_the_files_to_take_away(page: Any) -> None:
    ask(page, "Bobigny", "2013-06-01")
    reference = page.locator("dt:text-is('Référence') + dd").inner_text()
    with page.expect_download() as taken:
        page.click("#pdf")
    assert taken.value.suggested_filename == f"{reference}.pdf"
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF")
    failed = json.dumps({"code": "too_slow", "message": "Trop lent.", "champ": None})
    page.route("**/attestation.pdf*", lambda route: route.fulfill(status=503, body=failed))
    page.click("#pdf")
    page.wait_for_selector("#emporter-erreur:not(:empty)")
    assert page.inner_text("#emporter-erreur") == "Trop lent."
    assert page.locator(".verdict").count() == 1
    with page.expect_download() as taken:
        page.click("#json")
    assert taken.value.suggested_filename == f"{reference}.json"
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
    shown = page.inner_text("#resultat")
    assert "2 lignes" in shown
    assert "non éligible" in shown
    assert "not_eligible" not in shown
    source.write_text("rien\n1\n")
    page.set_input_files("#fichier", source)
    page.click("#envoi button")
    page.wait_for_function("() => document.querySelector('#fichier-erreur').textContent")
    assert "lon et lat" in page.inner_text("#fichier-erreur")


def test_follow_up_sheets_through_the_tab(page: Any, tmp_path: Path) -> None:
    page.click("#tab-fichier")
    for radio in page.locator("#envoi input[type=radio]").all():
        box, label = radio.bounding_box(), radio.locator("xpath=..").bounding_box()
        assert box["height"] < label["height"] < 2 * box["height"] + 10
    sheets = [f"S{n};2012-09-{n % 28 + 1:02d};93008;mg" for n in range(250)]
    source = tmp_path / "Mes fiches.csv"
    source.write_text("\n".join(["signataire;date_fiche;commune;specialite", *sheets]))
    page.check("input[value=fiches]")
    page.set_input_files("#fichier", source)
    page.fill("#fichier-le", "2013-06-01")
    page.click("#envoi button")
    page.wait_for_selector("#resultat table")
    assert page.locator("#resultat tbody tr").count() == 200
    assert page.inner_text("#resultat caption") == "Les 200 premières des 250 lignes rendues"
    assert page.locator("#resultat th[scope=col]").first.inner_text() == "niveau"
    with page.expect_download() as taken:
        page.click("#resultat a")
    assert Path(taken.value.path()).read_bytes().count(b"\r\n") == 251
    page.fill("#fichier-le", "")
    page.click("#envoi button")
    assert "Le jour manque" in page.inner_text("#fichier-le-erreur")
    page.fill("#fichier-le", "2013-06-01")
    source.write_text("signataire;nom;commune\nS1;Durand;Bobigny\n")
    page.set_input_files("#fichier", source)
    page.click("#envoi button")
    page.wait_for_selector("#fichier-erreur:not(:empty)")
    assert page.inner_text("#fichier-erreur").startswith("Mes fiches.csv")


def test_the_profession_of_a_file_is_asked(page: Any, tmp_path: Path) -> None:
    source = tmp_path / "s.csv"
    source.write_text("code\n93008\n")
    page.click("#tab-fichier")
    page.set_input_files("#fichier", source)
    page.fill("#fichier-le", "2013-06-01")
    page.select_option("#fichier-profession", "pharmacien")
    page.click("#envoi button")
    page.wait_for_selector("#resultat table")
    assert "eligible" not in page.locator("#resultat tbody td").all_inner_texts()


def test_what_the_geocoder_understood_is_shown(page: Any) -> None:
    found = {"lieu": "48.9068,2.4397", "libelle": "1 Rue <b>X</b> 93000 Bobigny", "score": 0.93}
    page.route("**/api/adresse*", lambda route: route.fulfill(json=found))
    assert "géocodeur 127.0.0.1:9" in page.inner_text(".check")
    page.check("#adresse")
    said = ask(page, "1 rue X, Bobigny", "2013-06-01").replace("\u00a0", " ")
    assert said.startswith("Adresse comprise : 1 Rue <b>X</b> 93000 Bobigny (score 0,93)")


def test_the_geocoder_down_is_said_and_nothing_is_guessed(page: Any) -> None:
    page.check("#adresse")
    ask(page, "1 rue de la Paix, Paris", "2020-01-01")
    assert "ne répond pas" in page.inner_text("#lieu-erreur")
    assert page.locator(".verdict").count() == 0


def tab_to(page: Any, wanted: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == wanted:
            return
    pytest.fail(f"{wanted} n'est pas atteint au clavier")


def test_by_keyboard_alone(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "tab-lieu"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "lieu"
    page.keyboard.type("saint-den", delay=5)
    page.wait_for_selector("#choix li")
    assert page.get_attribute("#lieu", "aria-expanded") == "true"
    assert "communes proposées" in page.inner_text("#lieu-nombre")
    page.keyboard.press("Escape")
    assert page.get_attribute("#lieu", "aria-expanded") == "false"
    assert page.input_value("#lieu") == "saint-den"
    page.keyboard.type("i", delay=5)
    page.wait_for_selector("#choix li")
    page.keyboard.press("ArrowUp")
    last = page.locator("#choix li").count() - 1
    assert page.get_attribute("#lieu", "aria-activedescendant") == f"choix-{last}"
    page.keyboard.press("ArrowDown")
    assert page.locator("#choix-0").get_attribute("aria-selected") == "true"
    chosen = page.inner_text("#choix-0").split(" (")[0]
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict")
    assert chosen in page.inner_text("#reponse")
    assert page.evaluate("document.activeElement.id") == "reponse"
    assert page.get_attribute("#reponse", "aria-live") is None
    for wanted in ("lien", "pdf", "json"):
        tab_to(page, wanted)


def violations(page: Any) -> list[Any]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(item["id"], item["nodes"][0]["html"]) for item in found]


def test_no_violation_in_the_second_tab_nor_with_choices_open_nor_in_the_map(
    page: Any, tmp_path: Path
) -> None:
    page.click("#lieu")
    page.keyboard.type("saint-den", delay=5)
    page.wait_for_selector("#choix li")
    page.keyboard.press("ArrowDown")
    assert violations(page) == []
    ask(page, "13001", "2022-06-01")
    page.wait_for_selector("#lectures button")
    assert violations(page) == []
    ask(page, "Bobigny", "2013-06-01")
    page.frame_locator("#cadre").locator("html[data-ready]").wait_for(state="attached")
    assert violations(page.frames[1]) == []
    source = tmp_path / "s.csv"
    source.write_text("code\n93008\n")
    page.click("#tab-fichier")
    page.set_input_files("#fichier", source)
    page.click("#envoi button")
    page.wait_for_selector("#resultat table")
    page.evaluate("() => document.querySelector('#cadre').remove()")
    assert violations(page) == []


@pytest.mark.parametrize("width", [1200, 640, 360])
def test_no_violation_of_accessibility_at_any_width(page: Any, width: int) -> None:
    """axe, on the empty page, on an answer, and on an error; 640 px is 200 % of 1280."""
    page.set_viewport_size({"width": width, "height": 740})
    for place in (None, "Saint-Denis (93)", "Nulle-Part"):
        if place:
            ask(page, place, "2013-06-01")
        page.evaluate("() => document.querySelector('#cadre').remove()")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.reload()
