"""``historique``: which part each line holds for, what happened to it, and a legible picture."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from cesp_geo.cli import main

LABEL = re.compile(
    r'<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="18".*?<text[^>]*>([^<]*)<'
)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["historique", *words])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_a_line_says_which_parts_it_holds_for(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "75056").splitlines()
    (some,) = [line for line in lines if "zone déficitaire" in line]
    assert "18e et 19e arrondissements" in some
    (gap,) = [line for line in lines if "2018-03-06-lacune" in line]
    assert "arrondissement" not in gap


def test_mergers_are_told_among_the_stretches(capsys: pytest.CaptureFixture[str]) -> None:
    said = "Pierrefitte-sur-Seine (93059) et Saint-Denis (93066) deviennent Saint-Denis (93066)"
    lines = run(capsys, "93066").splitlines()
    (merger,) = [line for line in lines if "deviennent" in line]
    assert merger.strip().startswith("2025-01-01")
    assert said in merger
    days = [line.split()[0] for line in lines if re.match(r"\s+\d{4}-", line)]
    assert days == sorted(days)
    found = json.loads(run(capsys, "93066", "--json"))
    assert len({tuple(item) for item in found}) == 1
    assert [item["change"] for item in found if item["change"]] == [
        f"création de commune nouvelle : {said}"
    ]
    parts = [[part["code"] for part in item["parts"]] for item in found if item["parts"]]
    assert parts == [["93059"], ["93066"]]


@pytest.mark.parametrize("place", ["75056", "93066", "77284"])
def test_no_label_leaves_its_band_and_no_band_lies_over_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    target = tmp_path / "h.svg"
    run(capsys, place, "--sortie", str(target))
    picture = target.read_text(encoding="utf-8")
    bands = [
        (int(y), float(x), float(width), label) for x, y, width, label in LABEL.findall(picture)
    ]
    assert len(bands) > 2
    assert all(len(label) * 6 <= width for _, _, width, label in bands)
    for (lane, x, width, _), (other, after, _, _) in zip(
        sorted(bands), sorted(bands)[1:], strict=False
    ):
        assert lane != other or x + width <= after


def test_before_the_cesp_no_place_is_said_ineligible(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "sans objet : le CESP n'existait pas encore"
    target = tmp_path / "h.svg"
    said = run(capsys, "Bobigny", "--sortie", str(target))
    (line,) = [line for line in said.splitlines() if words in line]
    assert line.strip().startswith("2005-01-01 – 2009-07-22")
    assert words in unescape(target.read_text(encoding="utf-8"))
    found = json.loads(run(capsys, "Bobigny", "--json"))
    assert (found[0]["eligible"], found[0]["before_cesp"]) == (None, True)
    assert not any(item["before_cesp"] for item in found[1:])
