"""The attestation: always one page, whatever it says, and everything that it owes."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from made_up import catalogue_of

from cesp_geo import communes
from cesp_geo.cli import main
from cesp_geo.dates import parse_day_range
from cesp_geo.errors import OutputError
from cesp_geo.outputs.attestation import attestation, write_attestation
from cesp_geo.siting.check import check_site, default_catalogue
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.replay import reference_of
from cesp_geo.siting.verdict import Verdict
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.importing import About, prepare
from cesp_geo.zonings.readers.layers import read_layer

typst = pytest.importorskip("typst", reason="l'extra pdf n'est pas installé")


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type ?/Page\b(?!s)", pdf))


def asked(
    place: str, on: str, catalogue: Catalogue | None = None, **more: Any
) -> tuple[Verdict, Place, Catalogue]:
    held = catalogue or default_catalogue()
    there = resolve(place, date.fromisoformat(on), held)
    return check_site(there, on=on, catalogue=held, **more), there, held


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give what the page says, as it is laid out."""
    held: dict[str, Any] = {}
    compile_page = typst.compile

    def compiled(*args: Any, **options: Any) -> bytes:
        held.update(json.loads(options["sys_inputs"]["data"]))
        made: bytes = compile_page(*args, **options)
        return made

    monkeypatch.setattr(typst, "compile", compiled)

    def of(verdict: Verdict, place: Place, catalogue: Catalogue) -> dict[str, Any]:
        assert pages(attestation(verdict, place, catalogue)) == 1
        return dict(held)

    return of


@pytest.mark.parametrize("code", ["08110", "62766", "39133", "70100", "90016", "57637"])
def test_a_tall_commune_is_one_page(code: str) -> None:
    assert pages(attestation(*asked(code, "2026-06-01", list_published_on="2026-07-01"))) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"explanation": "Il classe Bobigny en zone déficitaire, et ceci continue. " * 105},
        {"explanation": "Il classe Bobigny en zone déficitaire, et ceci continue. " * 2000},
        {"explanation": "x" * 20_000, "zone_label": "y" * 20_000},
        {"operations": ("Une étape de plus, qui tient toute une ligne.",) * 300},
        {"assumptions": ("Une hypothèse.",) * 3000, "explanation": "mot " * 3000},
        {"verdict": "undetermined", "would_change": ("Importer l'arrêté.",) * 500},
    ],
)
def test_whatever_is_said_it_is_one_page(more: dict[str, Any]) -> None:
    verdict, place, catalogue = asked("Bobigny", "2013-06-01")
    assert pages(attestation(replace(verdict, **more), place, catalogue)) == 1


def test_every_sign_that_is_kept_can_be_written(said: Any) -> None:
    verdict, place, catalogue = asked("Bobigny", "2013-06-01")
    every = "".join(f"{chr(code)} " for code in (*range(0x20, 0x3000), *b"\n\t"))
    page = said(replace(verdict, explanation=every, zone_label=every[:500]), place, catalogue)
    assert set("AZaz09éèàçÉœŒŸ’«»–—…€№") <= set(page["explanation"])
    assert "\n" not in page["explanation"]


@pytest.mark.parametrize(
    "hostile",
    ["中文", "👩\u200d⚕️", "x\x07", "\x85", "\ufeff", "\u202e", "\U000e0001", "\ue000"],
)
def test_a_sign_without_a_glyph_is_shown_or_dropped(said: Any, hostile: str) -> None:
    catalogue = catalogue_of(
        [{"id": f"Zonage {hostile} 2019", "region": "28", "effet": "2019-01-01",
          "classes": {"50502": "ZIP"}}]
    )  # fmt: skip
    verdict, place, _ = asked("50502", "2022-01-01", catalogue)
    verdict = replace(verdict, zone_label=f"Zone {hostile}", explanation=f"Dit {hostile}.")
    found = json.dumps(said(verdict, place, catalogue), ensure_ascii=False)
    assert not set(hostile) - {"x"} & set(found)
    assert ("□" in found) == (hostile[0] in "中👩\ue000")


def test_what_cannot_be_laid_out_is_said_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **options: Any) -> bytes:
        raise typst.TypstError("no")

    monkeypatch.setattr(typst, "compile", fail)
    with pytest.raises(OutputError, match="n'a pas pu être mise en page"):
        attestation(*asked("Bobigny", "2013-06-01"))


def test_the_verdict_is_attached_under_its_reference() -> None:
    verdict, place, catalogue = asked("Bobigny", "2013-06-01")
    made = attestation(verdict, place, catalogue)
    assert f"{reference_of(verdict.to_json())}.json".encode() in made
    assert b"/EmbeddedFile" in made
    assert made == attestation(verdict, place, catalogue)


def test_everything_owed_is_printed(said: Any) -> None:
    verdict, place, catalogue = asked("Bobigny", "2013-06-01", list_published_on="2024-03-15")
    page = said(verdict, place, catalogue)
    references = [row[1] for row in page["law"]]
    assert len(references) == len(verdict.law) >= 4
    assert {item.reference for item in verdict.law} == set(references)
    words = dict(page["disclosures"])
    assert set(verdict.assumptions) <= set(words["Paramètres et hypothèses"])
    assert words["Opérations"] == list(verdict.operations)
    assert verdict.data
    for item in verdict.data:
        assert any(
            item["zoning_id"] in text and item["source"] in text and item["sha256"][:16] in text
            for text in words["Données et sources"]
        )
    assert page["gaps"] == (list(verdict.would_change) if verdict.verdict == "undetermined" else [])
    assert any("sans y être tenue" in row[0] and "632-6" in row[1] for row in page["law"])


def facts(page: dict[str, Any]) -> dict[str, str]:
    return {name: words for name, words, _ in page["facts"]}


def test_an_order_without_content_is_named(said: Any) -> None:
    case = asked("08110", "2026-06-01", list_published_on="2026-07-01")
    page = said(*case)
    order = facts(page)["Arrêté"]
    assert order == "arrêté en vigueur à partir de juillet 2022 (Grand Est) : contenu non chargé"
    assert "le entre" not in json.dumps(page, ensure_ascii=False)
    assert page["gaps"] == list(case[0].would_change)


def test_an_order_that_is_held_is_named_with_its_effect(said: Any) -> None:
    order = facts(said(*asked("Bobigny", "2013-06-01")))["Arrêté"]
    assert "arrêté n° 12-209 du 24 mai 2012" in order
    assert "en vigueur à partir du 24 mai 2012" in order


ORDERS: list[dict[str, Any]] = [
    {"id": "a", "region": "28", "effet": "2013-01-01", "classes": {"50502": "ZIP"}},
    {"id": "b", "region": "28", "effet": "2023-01-01", "classes": {"50502": "HZ"}},
]


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2022-05-10", "si le lieu perdait sa classe le 11 mai 2022, une liste publiée au plus "
         "tard le 10 mai 2025 pourrait l'y maintenir"),
        ("2024-01-01", "une liste publiée au plus tard le 31 décembre 2025 peut y maintenir"),
        ("2026-06-01", "une liste publiée au plus tard le 31 décembre 2025 pouvait y maintenir"),
        ("2014-01-01", None),
    ],
)  # fmt: skip
def test_the_three_year_cover(said: Any, on: str, says: str | None) -> None:
    page = said(*asked("50502", on, catalogue_of(ORDERS)))
    cover = facts(page).get("Liste nationale")
    assert (cover is None) == (says is None)
    assert says is None or says in str(cover)
    rule = "n'existait pas" if says is None else "sans y être tenue"
    assert any(rule in row[0] for row in page["law"])


def test_the_map_explains_its_letters(said: Any) -> None:
    page = said(*asked("Bobigny", "2013-06-01"))
    letters = set(re.findall(r">([^<>]+)</text>", page["map"]))
    assert letters == {"D", "HZ"}
    assert "Trait épais : le lieu." in page["map_legend"]
    for letter, label in (("D", "zone déficitaire"), ("HZ", "hors zonage")):
        assert f"{letter}, {label} : " in page["map_legend"]
    assert "Bobigny" in page["map_alt"]


@pytest.mark.parametrize(
    ("place", "doubtful", "sure"),
    [
        ("Mitry-Mory", "Compans, Gressy, Le Mesnil-Amelot, Thieux", "Mitry-Mory"),
        (
            "Saint-Denis (93)",
            "Paris 18e Arrondissement",
            "La Courneuve, Pierrefitte-sur-Seine, Saint-Ouen, Villetaneuse",
        ),
    ],
)
def test_the_map_tells_what_is_to_confirm_or_in_part_from_what_is_sure(
    said: Any, place: str, doubtful: str, sure: str
) -> None:
    page = said(*asked(place, "2013-06-01"))
    assert f"C?, classé, à confirmer ou en partie seulement : {doubtful}." in page["map_legend"]
    assert f"D, zone déficitaire : {sure}." in page["map_legend"]
    assert page["map"].count(">C?</text>") == len(doubtful.split(", "))


def test_the_class_of_a_doubtful_place_is_not_printed_as_sure(said: Any) -> None:
    for place, doubt in (("Compans", "à confirmer"), ("75118", "en partie seulement")):
        facts = {row[0]: row[1] for row in said(*asked(place, "2013-06-01"))["facts"]}
        assert facts["Classe"].startswith("zone déficitaire")
        assert facts["Classe"].endswith(doubt)


def test_a_place_without_a_shape_says_so(said: Any) -> None:
    page = said(*asked("97502", "2024-01-01"))
    assert page["map_legend"].startswith("Pas de carte")


def thick(page: dict[str, Any]) -> list[str]:
    return re.findall(r'<path d="([^"]*)" fill="none"', page["map"])


def test_a_city_is_outlined_around_its_arrondissements(said: Any) -> None:
    page = said(*asked("Paris", "2013-06-01"))
    outline = thick(page)
    assert len(outline) == 1
    assert outline[0].count("M") == 1
    assert page["map"].count("<path") > 20


def test_a_quarter_is_not_shown_as_its_whole_commune(said: Any, tmp_path: Path) -> None:
    import geopandas as gpd

    page = said(*asked("QN00401M", "2026-06-01"))
    assert (
        "la commune du lieu, quartier prioritaire (QPV), dont le périmètre n'est pas chargé"
        in (page["map_legend"])
    )
    whole = communes.polygon(communes.find("Rennes", date(2024, 1, 1)).elits)
    frame = gpd.GeoDataFrame(
        {"code": ["QN03501M"], "nom": ["Quartier"], "classe": ["ZIP"]},
        geometry=[whole.centroid.buffer(0.005)],
        crs="EPSG:4326",
    )
    frame.to_file(tmp_path / "q.gpkg", engine="pyogrio")
    catalogue = catalogue_of([])
    catalogue.home = tmp_path / "zonings"
    about = About(
        region="53", effective=parse_day_range("2025-01-01"), amending=True, regime="arrete-2025",
        millesime=2024,
    )  # fmt: skip
    made = prepare(read_layer(tmp_path / "q.gpkg"), about, date(2026, 1, 1))
    catalogue.add(made.drafts, made.perimeters)
    located = said(*asked("QN03501M", "2026-06-01", catalogue))
    assert "Trait épais : le périmètre du lieu" in located["map_legend"]
    commune = said(*asked("Rennes", "2026-06-01", catalogue))
    assert len(thick(located)[0]) != len(thick(commune)[0])


def test_a_file_of_another_kind_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, target = tmp_path / "keep.json", tmp_path / "keep.pdf"
    words = ["attestation", "Bobigny", "--le", "2013-06-01", "--sortie", str(target)]
    for text in ('{"mon": "travail"}', "x", "[]", "[" * 100_000):
        other.write_text(text)
        with pytest.raises(SystemExit) as caught:
            main(words)
        err = capsys.readouterr().err
        assert (caught.value.code, err.count("\n")) == (2, 1)
        assert "n'est pas un verdict" in err
        assert other.read_text() == text
        assert not target.exists()
    other.unlink()
    verdict, place, catalogue = asked("Bobigny", "2013-06-01")
    for _ in range(2):
        reference, beside = write_attestation(verdict, place, catalogue, target)
        assert beside == other
        assert reference == reference_of(json.loads(other.read_text()))
