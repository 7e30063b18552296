"""The command line as a person or a script meets it."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from cesp_geo.cli import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(list(words))
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def test_a_yes_comes_first_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "verifier", "Bobigny", "--le", "01/06/2013")
    assert status == 0
    assert out.splitlines()[0] == "✔ ÉLIGIBLE  Bobigny, 1er juin 2013"
    for words in (
        "zone déficitaire",
        "idf-2012",
        "L. 632-6",
        "https://www.legifrance",
        "changerait",
    ):
        assert words in out


def test_a_code_that_is_a_postcode_too_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "verifier", "13001", "--le", "2022-06-01")
    said = " ".join(out.split())
    assert "13001 est lu comme un code INSEE ; c'est aussi le code postal de Marseille 1er" in said
    _, out, _ = run(capsys, "verifier", "93008", "--le", "2013-06-01")
    assert "code postal" not in out


def test_json_has_the_stable_keys(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "verifier", "Bobigny", "--le", "2013-06-01", "--json")
    verdict = json.loads(out)
    assert status == 0
    assert set(verdict) >= {
        "verdict", "possible", "reason_code", "explanation", "inputs", "place", "zone_class",
        "zone_label", "zoning_id", "last_eligible_day", "maintainable_until",
        "on_previous_list", "law", "assumptions", "regional_conditions", "data", "operations",
        "program_version",
    }  # fmt: skip
    assert set(verdict["inputs"]) == {
        "place", "on", "known_on", "list_published_on", "profession", "specialty", "purpose",
        "contract_signed_on", "applied_on", "cog",
    }  # fmt: skip
    assert all(item["title"] and item["confidence"] in "ABI" for item in verdict["law"])


def test_the_same_question_gives_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    question = ("verifier", "Meaux", "--le", "2013-06-01", "--json")
    assert run(capsys, *question) == run(capsys, *question)


def test_undetermined_has_its_own_status(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "verifier", "Meaux", "--le", "2013-06-01")
    assert status == 3
    assert "Réponses possibles : éligible, non éligible" in out


def test_a_point_south_of_the_equator_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "verifier", "-20.8789,55.4481", "--le", "2025-06-01")
    assert status == 3
    assert "Saint-Denis" in out


BAD = {
    "unknown place": (["Bobiny", "--le", "2013-06-01"], "Bobigny (93)"),
    "ambiguous place": (["Saint-Denis", "--le", "2013-06-01"], "93066"),
    "at sea": (["45.0,-5.0", "--le", "2013-06-01"], "dans aucune commune"),
    "swapped": (["2.36,48.96", "--le", "2013-06-01"], "échangeant"),
    "impossible day": (["Bobigny", "--le", "2021-02-29"], "n'existe pas"),
    "month first": (["Bobigny", "--le", "13/25/2020"], "n'existe pas"),
    "no day": (["Bobigny"], "--le"),
    "no place": (["--le", "2013-06-01"], "LIEU"),
    "two words": (["Saint", "Denis", "--le", "2013-06-01"], "guillemets"),
    "profession": (["Bobigny", "--le", "2013-06-01", "--profession", "vétérinaire"], "inconnue"),
    "no CESP": (["Bobigny", "--le", "2013-06-01", "--profession", "infirmier"], "pas de CESP"),
    "old contract": (
        ["Bobigny", "--le", "2013-06-01", "--contrat-signe-le", "2008-01-01"],
        "n'est pas un CESP",
    ),
    "contract before application": (
        ["Bobigny", "--le", "2020-06-01", "--contrat-signe-le", "2015-01-01", "--demande-le",
         "2016-01-01"],
        "précède sa demande",
    ),
    "application before the CESP": (
        ["Bobigny", "--le", "2013-06-01", "--demande-le", "2005-01-01"],
        "n'est pas celle d'un CESP",
    ),
    "contract after installation": (
        ["Bobigny", "--le", "2013-06-01", "--contrat-signe-le", "2013-06-02"],
        "suit l'installation",
    ),
    "far year": (["Bobigny", "--le", "9999-12-31"], "années 1900 à 2199"),
    "first year": (["Bobigny", "--le", "0001-01-01"], "années 1900 à 2199"),
    "purpose": (["Bobigny", "--le", "2013-06-01", "--objet", "vacances"], "remplacement"),
    "unknown QPV": (["QN99999Z", "--le", "2026-06-01"], "zonages importer"),
    "gone name": (["Le Mérévillois", "--le", "2013-06-01"], "Méréville"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "says"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_french_line(
    capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    status, out, err = run(capsys, "verifier", *words)
    assert status == 2
    assert out == ""
    assert err.startswith("cesp-geo : ")
    assert err.count("\n") == 1
    assert says in err


@pytest.mark.parametrize("words", [["zonage"], ["--versio"], []])
def test_a_wrong_command_line_is_explained(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    status, _, err = run(capsys, *words)
    assert status == 2
    assert "Traceback" not in err
    for english in ("No such", "Missing", "Try"):
        assert english not in err


def test_timeline_shows_versions_and_gaps(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "zonages", "liste", "--region", "11")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[1:6]] == ["◐", "◐", "○", "○", "○"]


def test_a_version_is_exported_as_a_layer(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import geopandas as gpd

    target = tmp_path / "idf.gpkg"
    status, _, _ = run(capsys, "zonages", "exporter", "idf-2012", "--sortie", str(target))
    assert status == 0
    layer = gpd.read_file(target)
    assert layer.crs.to_epsg() == 4326
    assert len(layer) == 253
    assert "93008" in set(layer["unit_code"])
    status, _, err = run(
        capsys, "zonages", "exporter", "idf-2012", "--sortie", str(tmp_path / "non" / "x.gpkg")
    )
    assert status == 2
    assert "n'existe pas" in err


def test_the_version_is_that_of_the_installed_program(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--version")
    assert (status, out) == (0, f"cesp-geo {metadata.version('cesp-geo')}\n")


def test_help_is_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], ["verifier", "--help"], ["zonages", "--help"]):
        status, out, _ = run(capsys, *words)
        assert status == 0
        assert "LIEU" not in out.partition("Options:")[2]
        for english in ("Show this", "Usage:", "Commands", "required", "default:"):
            assert english not in out


def test_a_single_check_imports_no_frame() -> None:
    """No geometry library either."""
    code = (
        "import sys\n"
        "from cesp_geo.cli import main\n"
        "try:\n    main(['verifier', sys.argv[1], '--le', '2013-06-01'])\n"
        "except SystemExit: pass\n"
        "heavy = {'geopandas', 'pandas', 'folium', 'rich', 'pyogrio', 'rtree', 'pyarrow',"
        " 'shapely', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    for place in ("93008", "Bobigny", "48.9068,2.4397"):
        done = subprocess.run(
            [sys.executable, "-c", code, place], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == "[]"


def test_json_leaves_the_other_reading_to_the_error_stream(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, said = run(capsys, "verifier", "13001", "--le", "2022-06-01", "--json")
    assert json.loads(out)["inputs"]["place"] == "13001"
    assert "aussi le code postal de Marseille 1er Arrondissement" in " ".join(said.split())
