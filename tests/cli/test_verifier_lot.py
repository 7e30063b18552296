"""Files of sites in, the same rows out; whole, or to be taken up again."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cesp_geo import check_sites
from cesp_geo.cli import main
from cesp_geo.outputs import stream
from cesp_geo.outputs.stream_worker import Request

DAY = date(2013, 6, 1)
ROWS = [("a", 2.4397, 48.9068), ("b", 2.36, 48.93), ("=c", None, 48.0), ("d", -30.0, 45.0)]
FRAME = pd.DataFrame(ROWS, columns=["id", "lon", "lat"])


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["verifier-lot", *map(str, words)])
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def written(folder: Path, suffix: str) -> Path:
    path = folder / f"sites{suffix}"
    layer = gpd.GeoDataFrame(
        FRAME[["id"]], geometry=gpd.points_from_xy(FRAME["lon"], FRAME["lat"]), crs="EPSG:4326"
    )
    if suffix == ".csv":
        FRAME.to_csv(path, index=False, sep=";", decimal=",")
    elif suffix == ".xlsx":
        FRAME.assign(id=FRAME["id"].str.replace("=", "")).to_excel(path, index=False)
    elif suffix == ".parquet":
        FRAME.to_parquet(path, index=False)
    elif suffix == ".geo.parquet":
        layer.iloc[[0, 1, 3]].to_crs("EPSG:2154").to_parquet(path)
    else:
        layer.iloc[[0, 1, 3]].to_file(path, engine="pyogrio")
    return path


@pytest.mark.parametrize(
    "given", [".csv", ".xlsx", ".parquet", ".geo.parquet", ".gpkg", ".geojson"]
)
@pytest.mark.parametrize("wanted", [".csv", ".xlsx", ".parquet", ".gpkg", ".geojson"])
def test_every_format_to_every_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str, wanted: str
) -> None:
    target = tmp_path / f"o{wanted}"
    source = written(tmp_path, given)
    assert run(capsys, source, "--le", DAY, "--sortie", target)[0] == 0
    if wanted == ".csv":
        found = pd.read_csv(target, sep=";", encoding="utf-8-sig")
    elif wanted == ".xlsx":
        found = pd.read_excel(target)
        assert openpyxl.load_workbook(target).active.freeze_panes == "A2"
    elif wanted == ".parquet":
        found = pq.read_table(target).to_pandas()
    else:
        found = gpd.read_file(target)
    verdicts = dict(zip(found["id"], found["verdict"], strict=True))
    assert (verdicts["a"], verdicts["b"]) == ("eligible", "not_eligible")
    reason = dict(zip(found["id"], found["raison"], strict=True))
    assert "aucune commune" in reason["d"]
    assert found["id"].tolist()[:2] == ["a", "b"]
    if wanted == ".csv" and given == ".csv":
        assert "'=c" in target.read_text(encoding="utf-8-sig")


def test_a_layer_is_read_without_a_word_from_its_library(tmp_path: Path) -> None:
    source = written(tmp_path, ".gpkg")
    program = Path(sys.executable).with_name("cesp-geo")
    words = [program, "verifier-lot", source, "--le", str(DAY), "--sortie", tmp_path / "o.csv"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_numbers_below_zero_stay_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "s.csv", tmp_path / "o.csv"
    source.write_text("lon;lat;note\n-1,6778;48,1173;-3 lits\n", encoding="utf-8")
    assert run(capsys, source, "--le", DAY, "--sortie", target)[0] == 0
    cells = target.read_text(encoding="utf-8-sig").splitlines()[1].split(";")
    assert cells[:4] == ["-1,6778", "48,1173", "'-3 lits", "35238"]


def points(count: int) -> pd.DataFrame:
    random = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "id": range(count),
            "lon": random.uniform(2.0, 2.8, count),
            "lat": random.uniform(48.5, 49.1, count),
        }
    )


def test_a_stream_is_the_whole_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = points(3000)
    source, target = tmp_path / "s.parquet", tmp_path / "o.parquet"
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), source, row_group_size=700)
    status, out, _ = run(capsys, source, "--le", DAY, "--sortie", target, "--distance")
    assert status == 0
    assert "3000 lignes" in out
    found = pq.read_table(target).to_pandas()
    expected = check_sites(frame, DAY, border_distance=True)
    assert found["id"].tolist() == list(range(3000))
    for name in ("commune", "verdict", "zonage", "raison"):
        assert found[name].fillna("").tolist() == expected[name].fillna("").tolist()
    assert np.allclose(found["distance_limite_m"], expected["distance_limite_m"])
    assert list(tmp_path.glob(".o*")) == []


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    source, target = tmp_path / "s.parquet", tmp_path / "o.parquet"
    frame = points(60_000)
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), source, row_group_size=2000)
    program = Path(sys.executable).with_name("cesp-geo")
    command = [program, "verifier-lot", source, "--le", str(DAY), "--sortie", target]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    parts = tmp_path / ".o.parquet.cesp-geo-parts"
    end = time.monotonic() + 60
    while not list(parts.rglob("*.parquet")) and time.monotonic() < end:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=20)
    assert not target.exists()
    kept = {path.name: path.stat().st_mtime_ns for path in parts.rglob("*.parquet")}
    assert kept
    told: list[tuple[int, int]] = []
    request = Request(DAY, "medecin", None, None, None, False, None)
    stream.check_parquet(source, target, request, lambda done, total: told.append((done, total)))
    assert told[0] == (sum(1 for _ in kept) * 2000, 60_000)
    assert told[-1] == (60_000, 60_000)
    assert pq.read_table(target)["id"].to_pylist() == list(range(60_000))
    assert not parts.exists()


def test_another_question_begins_anew(tmp_path: Path) -> None:
    source, target = tmp_path / "s.parquet", tmp_path / "o.parquet"
    pq.write_table(pa.Table.from_pandas(points(500), preserve_index=False), source)
    parts = tmp_path / ".o.parquet.cesp-geo-parts"
    (parts / "autre").mkdir(parents=True)
    (parts / "autre" / "000000.parquet").write_bytes(b"une autre question")
    request = Request(DAY, "medecin", None, None, None, False, None)
    assert stream.check_parquet(source, target, request) == 500
    assert len(pq.read_table(target)) == 500


def test_a_day_a_row_in_a_stream(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "s.parquet", tmp_path / "o.parquet"
    frame = pd.DataFrame(
        {"code": ["93008"] * 3, "jour": [date(2013, 6, 1), date(2008, 1, 1), None]}
    )
    frame.to_parquet(source, index=False)
    assert run(capsys, source, "--sortie", target)[0] == 0
    found = pq.read_table(target).to_pandas()
    assert found["verdict"].tolist()[:2] == ["eligible", "undetermined"]
    assert "jour" in found["raison"].tolist()[2]


def test_an_empty_stream(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "s.parquet", tmp_path / "o.parquet"
    pq.write_table(pa.Table.from_pandas(points(0), preserve_index=False), source)
    assert run(capsys, source, "--le", DAY, "--sortie", target)[0] == 0
    table = pq.read_table(target)
    assert len(table) == 0
    assert "verdict" in table.column_names


def test_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = written(tmp_path, ".parquet").read_bytes()
    Path("court.parquet").write_bytes(whole[: len(whole) // 2])
    Path("sans.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    Path("vide.csv").write_text("lon;lat\n", encoding="utf-8")
    Path("double.csv").write_text("lon;lat;lon\n1;2;3\n", encoding="utf-8")
    FRAME.rename(columns={"lon": "u"}).to_parquet("sans.parquet", index=False)
    layer = gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([600000.0], [6800000.0]))
    with pytest.warns(UserWarning, match="crs"):
        layer.to_file("sans_crs.gpkg", engine="pyogrio")
    for words, says in (
        (["absent.csv", "--le", DAY, "--sortie", "o.csv"], "introuvable"),
        (["court.parquet", "--le", DAY, "--sortie", "o.parquet"], "abîmé"),
        (["court.parquet", "--le", DAY, "--sortie", "o.csv"], "abîmé"),
        (["sans.csv", "--le", DAY, "--sortie", "o.csv"], "lon et lat"),
        (["sans.parquet", "--le", DAY, "--sortie", "o.parquet"], "lon et lat"),
        (["vide.csv", "--le", DAY, "--sortie", "o.csv"], "aucune ligne"),
        (["double.csv", "--le", DAY, "--sortie", "o.csv"], "deux fois"),
        (["sans_crs.gpkg", "--le", DAY, "--sortie", "o.csv"], "système de coordonnées"),
        (["sites.parquet", "--sortie", "o.parquet"], "jour"),
        (["sites.parquet", "--le", DAY, "--sortie", "o.doc"], ".parquet"),
        (["sites.parquet", "--le", DAY, "--sortie", "non/o.parquet"], "dossier"),
        (["sites.parquet", "--le", DAY, "--sortie", "sites.parquet"], "remplacer"),
        (["sites.parquet", "--le", DAY, "--sortie", "o.csv", "--profession", "devin"], "inconnue"),
    ):  # fmt: skip
        status, _, err = run(capsys, *words)
        assert status == 2, (words, err)
        assert says in err, (words, err)
        assert err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.glob("o.*")) == []
    assert list(tmp_path.glob(".o*")) == []


def test_a_full_disk_leaves_what_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = written(tmp_path, ".parquet"), tmp_path / "o.parquet"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stream, "_join", full)
    request = Request(DAY, "medecin", None, None, None, False, None)
    with pytest.raises(OSError, match="No space"):
        stream.check_parquet(source, target, request)
    monkeypatch.undo()
    assert not target.exists()
    assert len(list((tmp_path / ".o.parquet.cesp-geo-parts").rglob("*.parquet"))) == 1
    assert run(capsys, source, "--le", DAY, "--sortie", target)[0] == 0
    assert len(pq.read_table(target)) == 4
