"""What is refused at once, in French, in the words of the help."""

import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cesp_geo.cli import main
from cesp_geo.inputs.register_file import create

ELSEWHERE = ("--hote", "192.0.2.1")
"""An address that is not this machine's: a server that should not start does not."""


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The status of a command line and all that it says."""
    with pytest.raises(SystemExit) as caught:
        main(list(words))
    said = capsys.readouterr()
    return int(caught.value.code or 0), said.out + said.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["zonages", "liste", "--catalogue", "/nexiste/pas"], "/nexiste/pas n'existe pas"),
        (["verifier", "93008", "--le", "2013-01-01", "--catalogue", "/nexiste"], "n'existe pas"),
        (["zonages", "actualiser", "--api", "file:///etc/passwd"], "adresse du réseau"),
        (["zonages", "actualiser", "--api", "http://127.0.0.1:1/"], "la connexion est refusée"),
        (
            ["servir", *ELSEWHERE, "--adresse-geocodeur", "https://exemple.fr"],
            "qu'avec --geocodeur",
        ),
        (
            ["servir", *ELSEWHERE, "--geocodeur", "--adresse-geocodeur", "ftp://x"],
            "adresse du réseau",
        ),
        (["registre", "restaurer", "/", "r.gpkg"], "Valeur refusée pour COPIE :"),
        (["registre", "ajouter", "r.gpkg", "/"], "Valeur refusée pour FICHES :"),
        (["registre", "montrer", "/"], "Valeur refusée pour REGISTRE :"),
        (["conflits", "/", "--le", "2024-01-01"], "/ est un dossier"),
        (
            ["verifier", "93008", "--le", "2013-06-01", "--demande-le", "2030-01-01"],
            "suit l'installation demandée",
        ),
    ],
)
def test_refusals(capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    status, said = told(capsys, *words)
    assert status == 2
    assert says in said


def test_a_register_is_not_saved_over_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.gpkg"
    create(path)
    before = path.read_bytes()
    status, said = told(capsys, "registre", "sauver", str(path), str(path))
    assert status == 2
    assert "serait perdu" in said
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["r.gpkg"]


@pytest.mark.parametrize(
    "words",
    [
        ["liste-nationale", "--modele", "m.xlsx"],
        ["liste-nationale", "--publiee-le", "2018-01-01", "--sortie", "l.xlsx"],
    ],
)
def test_a_workbook_that_finds_no_room_is_one_sentence(tmp_path: Path, words: list[str]) -> None:
    """The system refuses any file of more than 2 kB."""
    done = subprocess.run(
        [sys.executable, "-c", "from cesp_geo.cli import main; main()", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048)),
    )
    assert done.returncode == 2
    assert "Rien n'a été écrit" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_table_is_no_damaged_register(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "v.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    status, said = told(capsys, "registre", "montrer", str(path))
    assert status == 2
    assert "n'est pas un registre" in said


def test_damage_is_told_in_french(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "r.gpkg"
    create(path)
    content = path.read_bytes()
    path.write_bytes(b"x" * 100 + content[100:])
    status, said = told(capsys, "registre", "montrer", str(path))
    assert status == 2
    assert "(ce n'est pas une base de données)" in said
    with pytest.raises(sqlite3.DatabaseError), sqlite3.connect(path) as db:
        db.execute("SELECT * FROM fiches")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["servir", "--help"], "8123; de 0 à 65535"),
        (["--help"], "4 changé (rejouer) ou rien de changé (comparer --si-different)"),
        (["zonages", "montrer", "idf-2012"], "  Arrêté       Arrêté n° 12-209 du 24/05/2012\n"),
    ],
)
def test_what_is_shown(capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    status, said = told(capsys, *words)
    assert status == 0
    assert says in (said if "montrer" in words else " ".join(said.split()))


TABLE = "code;classe\n50502;ZIP\n"


@pytest.mark.parametrize("dry", [["--simuler"], []])
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--signe-le", "2019-02-01", "--publie-le", "2019-01-01"], "avant d'être signé"),
        (["--effet-le", "2019-01-01", "--rectifie", "zzz"], "Zonage inconnu"),
    ],
)
def test_a_simulation_refuses_what_the_import_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str, dry: list[str]
) -> None:
    table = tmp_path / "t.csv"
    table.write_text(TABLE, encoding="utf-8")
    status, said = told(capsys, "zonages", "importer", str(table), *words, *dry)
    assert status == 2
    assert says in said


def test_a_retroactive_order_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "t.csv"
    table.write_text(TABLE, encoding="utf-8")
    days = ["--signe-le", "2019-02-01", "--publie-le", "2019-02-03", "--effet-le", "2019-01-01"]
    status, said = told(capsys, "zonages", "importer", str(table), *days, "--simuler")
    assert status == 0
    assert "arrêté rétroactif" in said


@pytest.mark.parametrize(
    ("day", "warned"),
    [
        (["--effet-le", "2018-06-13"], True),
        (["--effet-le", "2018-06-14"], False),
        (["--signe-le", "2018-06-12", "--publie-le", "2018-06-13"], False),
    ],
)
def test_an_unread_order_of_the_same_day_prevails_and_the_import_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], day: list[str], warned: bool
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("code;classe\n35047;ZIP\n", encoding="utf-8")
    home = ["--catalogue", str(tmp_path / "moi")]
    status, said = told(capsys, "zonages", "importer", str(table), "--region", "53", *day, *home)
    assert status == 0
    assert ("--signe-le 2018-06-12" in said) == warned
    status, said = told(capsys, "verifier", "35047", "--le", "2018-12-01", *home)
    assert ("ÉLIGIBLE" in said) == (not warned)
