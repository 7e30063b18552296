"""What the lists and comparisons say on the screen, from files that a person made."""

from pathlib import Path

import openpyxl
import pytest

from cesp_geo.cli import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(list(words))
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def table(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_a_national_table_shows_under_each_of_its_regions(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    home = ("--catalogue", str(tmp_path / "moi"))
    national = table(tmp_path / "z.csv", "code,zonage", "93008,ZIP", "35238,ZAC", "97411,HZ")
    words = ("--effet-le", "2025-01-01", "--cog", "2024", "--complet")
    assert run(capsys, "zonages", "importer", national, *words, *home)[0] == 0
    status, out, _ = run(capsys, "zonages", "liste", *home)
    assert status == 0
    regions = {"Île-de-France (11)", "Bretagne (53)", "La Réunion (04)"}
    assert regions <= {line.strip() for line in out.splitlines()}
    held = [line for line in out.splitlines() if "2025-01-01 (effet)" in line]
    assert len(held) == 3
    assert all("●" in line for line in held)


def test_what_a_list_did_not_understand_is_said_and_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    earlier = table(tmp_path / "avant.csv", "code", "93008", "99999")
    target = tmp_path / "l.xlsx"
    status, out, _ = run(
        capsys, "liste-nationale", "--publiee-le", "2018-01-01", "--liste-precedente", earlier,
        "--sortie", str(target),
    )  # fmt: skip
    assert status == 0
    assert "avant.csv, ligne 3 : " in out
    head, *rows = openpyxl.load_workbook(target, read_only=True)["À vérifier"].values
    assert head == ("fichier", "ligne", "remarque")
    assert [(row[0], row[1], "99999" in row[2]) for row in rows] == [("avant.csv", 3, True)]


@pytest.mark.parametrize(("first", "said"), [("2004-12-31", True), ("2005-01-01", False)])
def test_a_history_says_from_when_communes_are_known(
    capsys: pytest.CaptureFixture[str], first: str, said: bool
) -> None:
    _, out, _ = run(capsys, "historique", "Bobigny", "--du", first, "--au", "2013-01-01")
    assert ("n'est connue que depuis le 1er janvier 2005" in out) == said
