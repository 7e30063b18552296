"""A verdict's JSON is enough to check it years later."""

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from made_up import catalogue_of

from cesp_geo.cli import main
from cesp_geo.errors import DataError
from cesp_geo.siting.check import check_site
from cesp_geo.siting.replay import reference_of, replay
from cesp_geo.zonings.catalogue import Catalogue

ORDERS: list[dict[str, Any]] = [
    {"id": "a", "region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP"},
     "enregistre": date(2026, 1, 1)},
]  # fmt: skip
LATER = {"id": "b", "region": "28", "effet": "2020-01-01", "classes": {"50502": "HZ"},
         "enregistre": date(2026, 6, 1)}  # fmt: skip


def verdict(catalogue: Catalogue, place: str = "50502", **more: Any) -> dict[str, Any]:
    return check_site(place, on="2022-01-01", catalogue=catalogue, **more).to_json()


def test_the_same_clocks_give_the_same_verdict() -> None:
    catalogue = catalogue_of(ORDERS)
    for place in ("50502", "Saint-Lô", "49.116,-1.09"):
        plain = json.loads(json.dumps(verdict(catalogue, place, specialty="mg")))
        found = replay(plain, catalogue)
        assert (found.outcome, found.changes) == ("identical", ())
        assert found.reference == reference_of(plain)


def test_what_was_recorded_later_changes_nothing_unless_asked() -> None:
    plain = verdict(catalogue_of(ORDERS), known_on="2026-03-01")
    grown = catalogue_of([*ORDERS, LATER])
    assert replay(plain, grown).outcome == "identical"
    today = replay(plain, grown, known_on=date(2026, 7, 1))
    assert today.outcome == "data_changed"
    assert any("zonage b : ajouté" in change for change in today.changes)
    assert any("réponse : Éligible, aujourd'hui Non éligible" in c for c in today.changes)


def test_a_version_that_was_edited_or_lost_is_named() -> None:
    plain = verdict(catalogue_of(ORDERS))
    edited = catalogue_of([{**ORDERS[0], "classes": {"50502": "ZIP", "14118": "ZIP"}}])
    found = replay(plain, edited)
    assert found.outcome == "data_changed"
    assert any(change.startswith("zonage a : ") for change in found.changes)
    lost = replay(plain, catalogue_of([]), known_on=None)
    assert lost.outcome == "data_changed"
    assert "zonage a : retiré" in lost.changes


def test_another_law_or_program_is_told_apart() -> None:
    catalogue = catalogue_of(ORDERS)
    plain = verdict(catalogue)
    law = copy.deepcopy(plain)
    law["law"][0]["value"] = "autre"
    assert replay(law, catalogue).outcome == "altered"
    law["program_version"] = "0.0.1"
    found = replay(law, catalogue)
    assert found.outcome == "law_changed"
    assert plain["law"][0]["id"] in found.changes[0]
    program = {**plain, "program_version": "0.0.1", "explanation": "Autre texte."}
    found = replay(program, catalogue)
    assert found.outcome == "program_changed"
    assert "0.0.1" in found.changes[0]
    found = replay({**plain, "program_version": "0.0.1"}, catalogue)
    assert found.outcome == "identical"
    assert "0.0.1" in found.changes[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"verdict": "not_eligible"}, "réponse : Non éligible, aujourd'hui Éligible"),
        ({"explanation": "Autre texte."}, "champs qui diffèrent : explication"),
        (
            {"reason_code": "content_not_loaded"},
            "motif : Un arrêté connu régit ce lieu à cette date, mais son contenu n'est pas "
            "chargé., aujourd'hui La classe du lieu ce jour-là ouvre au CESP.",
        ),
        (
            {"last_eligible_day": "2020-03-15"},
            "dernier jour éligible : 15 mars 2020, aujourd'hui 1er janvier 2022",
        ),
        (
            {"zone_class": None},
            "classe : sans valeur, aujourd'hui zone d'intervention prioritaire (ZIP)",
        ),
        ({"ajout": None}, "champs qui diffèrent : ajout"),
        ({"ajout\ud800\x1b[31m": "\ud800"}, "champs qui diffèrent : ajout??[31m"),
        ({"data": "deux fois"}, "champs qui diffèrent : données"),
    ],
)
def test_a_hand_altered_file_is_no_change_of_program(change: dict[str, Any], says: str) -> None:
    catalogue = catalogue_of(ORDERS)
    plain = verdict(catalogue)
    if "data" in change:
        change = {"data": plain["data"] * 2}
    for known_on in (None, date(2026, 7, 1)):
        found = replay({**plain, **change}, catalogue, known_on)
        assert found.outcome == "altered"
        assert says in found.changes


@pytest.mark.parametrize("day", ["2014-06-01", "2019-06-01"])
def test_a_file_whose_day_was_edited_is_no_change_of_law_or_data(day: str) -> None:
    plain = json.dumps(check_site("Bobigny", on="2013-06-01").to_json())
    found = replay(json.loads(plain.replace("2013-06-01", day)), Catalogue.load())
    assert found.outcome == "altered"
    later = replay(
        json.loads(plain.replace("2013-06-01", day)), Catalogue.load(), date(2026, 11, 24)
    )
    assert later.outcome == "altered"


def test_another_day_of_knowledge_alone_changes_nothing() -> None:
    catalogue = catalogue_of(ORDERS)
    found = replay(verdict(catalogue, known_on="2026-03-01"), catalogue, date(2026, 7, 1))
    assert (found.outcome, found.changes) == ("identical", ())
    assert found.verdict.inputs["known_on"] == date(2026, 7, 1)
    before = replay(verdict(catalogue), catalogue, date(2025, 1, 1))
    assert before.outcome == "data_changed"


def test_the_answer_of_the_api_is_a_verdict_too() -> None:
    catalogue = catalogue_of(ORDERS)
    plain = verdict(catalogue)
    answer = {"verdict": plain, "reference": reference_of(plain), "mots": {"verdict": "Éligible"}}
    found = replay(answer, catalogue)
    assert (found.outcome, found.reference) == ("identical", reference_of(plain))
    found = replay({**answer, "reference": "CESP-0000-0000-0000-0000"}, catalogue)
    assert found.outcome == "altered"
    assert "CESP-0000-0000-0000-0000" in found.changes[0]


@pytest.mark.parametrize(
    "plain",
    [
        None, [], "x", 3, {}, {"verdict": "eligible"}, {"verdict": 1, "inputs": []},
        {"verdict": "eligible", "inputs": {"place": ["93008"], "on": "2022-01-01"}},
        {"verdict": "eligible", "inputs": {"place": "93008", "on": "hier"}},
        {"verdict": "eligible", "inputs": {"place": "93008", "on": "9999-12-31"}},
        {"verdict": {"verdict": {}}}, {"verdict": {}},
        {"verdict": "eligible", "inputs": {"place": "9" * 9999, "on": "2022-01-01"}},
        {"verdict": "e", "inputs": {"place": "x y", "on": "2022-01-01", "profession": "medecin",
                                    "purpose": "installation"}},
        {"verdict": "e", "inputs": {"place": "93008", "on": "2022-01-01", "profession": "devin",
                                    "purpose": "installation"}},
    ],
)  # fmt: skip
def test_what_is_no_verdict_is_refused(plain: Any) -> None:
    with pytest.raises(DataError):
        replay(plain, catalogue_of([]))


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(list(map(str, words)))
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def test_the_attestation_and_its_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "a.pdf", tmp_path / "b.pdf"
    words = ["attestation", "Bobigny", "--contrat-signe-le", "2013-06-01", "--sortie"]
    status, out, _ = run(capsys, *words, one)
    assert status == 0
    reference = next(word for word in out.split() if word.startswith("CESP-"))
    assert run(capsys, *words, two)[0] == 0
    page = one.read_bytes()
    assert page == two.read_bytes()
    assert page.count(b"/Type/Page/") + page.count(b"/Type /Page\n") <= 1
    for mark in (b"/Lang", b"/StructTreeRoot", b"/Title", b"pdfuaid"):
        assert mark in page
    status, out, _ = run(capsys, "rejouer", tmp_path / "a.json")
    assert status == 0
    assert "Identique" in out
    assert reference in out
    status, out, _ = run(capsys, "rejouer", tmp_path / "a.json", "--reference", reference.lower())
    assert status == 0
    other = "CESP-0000-0000-0000-0000"
    status, out, _ = run(capsys, "rejouer", tmp_path / "a.json", "--reference", other)
    assert status == 4
    assert out.startswith("La référence diffère")
    assert f"sa référence est {reference}, et non {other}" in out
    changed = json.loads((tmp_path / "a.json").read_text())
    changed["data"][0]["sha256"] = "0" * 64
    (tmp_path / "c.json").write_text(json.dumps(changed))
    status, out, _ = run(capsys, "rejouer", tmp_path / "c.json")
    assert status == 4
    assert "idf-2012" in out


@pytest.mark.parametrize(
    "words",
    [
        ["Bobigny", "--le", "2022-01-01"],
        ["48.9068,2.4397", "--le", "2013-06-01", "--liste-publiee-le", "2021-03-05"],
        ["Saint-Denis (974)", "--le", "2020-01-01"],
        ["Pierrefitte-sur-Seine", "--le", "2013-06-01"],
        ["75056", "--le", "2013-06-01"],
        ["13201", "--le", "2026-06-01", "--profession", "chirurgien-dentiste"],
    ],
)
def test_every_attestation_is_one_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    target = tmp_path / "a.pdf"
    assert run(capsys, "attestation", *words, "--sortie", target)[0] in (0, 3)
    import re

    assert len(re.findall(rb"/Type ?/Page\b(?!s)", target.read_bytes())) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["attestation", "Bobigny", "--sortie", "a.pdf"], "--le"),
        (["attestation", "Bobigny", "--le", "2013-06-01", "--sortie", "a.doc"], ".pdf"),
        (["attestation", "Nulle-Part", "--le", "2013-06-01", "--sortie", "a.pdf"], "Nulle-Part"),
        (["rejouer", "absent.json"], "illisible"),
        (["rejouer", "x.json"], "JSON"),
        (["rejouer", "y.json"], "pas un verdict"),
    ],
)
def test_bad_input(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.json").write_text("[[[")
    Path("y.json").write_text("[]")
    status, _, err = run(capsys, *words)
    assert status == 2
    assert says in err
    assert err.count("\n") == 1
    assert not list(tmp_path.glob("a.*"))
