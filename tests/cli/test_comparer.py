"""What a comparison says besides its figures: what it leaves out, and how it was read."""

import json
from pathlib import Path

import openpyxl
import pytest

from cesp_geo.cli import main
from cesp_geo.zonings.catalogue import Catalogue


def test_quarters_left_out_are_counted_on_screen_and_listed_in_a_sheet(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    home = ("--catalogue", str(tmp_path / "moi"))
    table, target = tmp_path / "q.csv", tmp_path / "c.xlsx"
    table.write_text("code,zonage\nQN09301M,ZIP\nQN09302M,ZIP\n93008,ZAC\n", encoding="utf-8")
    words = ("--effet-le", "2025-01-01", "--cog", "2024", "--region", "11")
    for command in (
        ("zonages", "importer", str(table), *words),
        ("comparer", "2024-12-31", "2025-06-01", "--region", "11", "--sortie", str(target)),
    ):
        with pytest.raises(SystemExit) as caught:
            main([*command, *home])
        assert not caught.value.code
    out = capsys.readouterr().out
    assert "QN09301M, QN09302M (2, hors des comptes)" in out
    assert "zone d'action complémentaire (ZAC)       1 lieu " in out
    head, *lines = openpyxl.load_workbook(target, read_only=True)["Non comparés"].values
    assert head == ("quartier", "raison")
    assert [code for code, _ in lines] == ["QN09301M", "QN09302M"]
    assert all("communes" in reason for _, reason in lines)


def test_a_version_that_names_only_some_units_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, home = tmp_path / "t.csv", ["--catalogue", str(tmp_path / "chez-moi")]
    table.write_text("Code INSEE;Commune;Zonage\n93008;Bobigny;ZIP\n", encoding="utf-8")
    ask(["zonages", "importer", str(table), "--effet-le", "2024-01-01", "--modificatif", *home])
    (amending,) = {*Catalogue.load(tmp_path / "chez-moi").zonings} - {*Catalogue.load().zonings}
    capsys.readouterr()
    ask(["comparer", "idf-2012", amending, *home])
    assert f"{amending}. Pour en tenir compte, comparez deux jours" in capsys.readouterr().out
    ask(["comparer", "idf-2012", amending, "--json", *home])
    assert json.loads(capsys.readouterr().out)["partial"] == [amending]
    ask(["comparer", "2023-12-31", "2024-01-01", "--region", "11", *home])
    assert "comparez deux jours" not in capsys.readouterr().out


def test_people_and_ground_of_quarters_are_not_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "c.csv"
    ask(["comparer", "2026-01-04", "2026-01-05", "--region", "93", "--sortie", str(table)])
    out = capsys.readouterr().out
    assert "habitants non comptés  surface non comptée" in out
    assert " 0 hab." not in out
    assert " 0 km²" not in out
    head, *rows = table.read_text(encoding="utf-8-sig").splitlines()
    assert head.endswith("population;km2")
    quarters = [row for row in rows if row.startswith("QN")]
    assert len(quarters) == 135
    assert all(row.endswith(";;") for row in quarters)


def test_an_order_whose_content_is_not_held_is_named_and_is_a_change(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, after = "11-medecin-2018-03-06-lacune", "11-medecin-2022-03-31-lacune"
    ask(["comparer", "2022-03-30", "2022-03-31", "--region", "11", "--si-different", "--json"])
    (cell,) = json.loads(capsys.readouterr().out)["matrix"]
    assert (cell["before"], cell["after"]) == (before, after)
    ask(["comparer", "2022-03-30", "2022-03-31", "--region", "11"])
    out = capsys.readouterr().out
    assert f"contenu non chargé ({before}) → contenu non chargé ({after})" in out
    with pytest.raises(SystemExit) as ended:
        main(["comparer", "2022-03-31", "2022-04-30", "--region", "11", "--si-different"])
    assert ended.value.code == 4


def ask(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
