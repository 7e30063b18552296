"""Files of sites in, the same rows out; whole, or to be taken up again."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from multiprocessing import active_children
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
from cesp_geo.errors import OutputError, UnsafeFile
from cesp_geo.outputs import stream
from cesp_geo.outputs.stream_worker import Request
from cesp_geo.outputs.tables import Table, write_tables
from cesp_geo.siting.bulk import COLUMNS

DAY = date(2013, 6, 1)
REQUEST = Request(DAY, "medecin", None, None, None, False, None)
PROGRAM = Path(sys.executable).with_name("cesp-geo")
SHARED_OUT = """
from cesp_geo.cli import main
from cesp_geo.outputs import stream
stream._FEW = 0
main()
"""
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
    words = [PROGRAM, "verifier-lot", source, "--le", str(DAY), "--sortie", tmp_path / "o.csv"]
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


def parquet(folder: Path, frame: pd.DataFrame, rows: int, name: str = "s") -> Path:
    path = folder / f"{name}.parquet"
    table = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_table(table, path, row_group_size=rows)
    return path


def parts_of(target: Path) -> Iterator[Path]:
    return target.with_name(f".{target.name}.cesp-geo-parts").rglob("*.parquet")


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
    assert "3\u202f000 lignes" in out
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
    command = [PROGRAM, "verifier-lot", source, "--le", str(DAY), "--sortie", target]
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
    stream.check_parquet(source, target, REQUEST, lambda done, total: told.append((done, total)))
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
    assert stream.check_parquet(source, target, REQUEST) == 500
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
        (["sites.parquet", "--le", DAY, "--sortie", "sites.parquet"], "serait perdu"),
        (["sites.parquet", "--le", DAY, "--sortie", "o.csv", "--profession", "devin"], "inconnue"),
    ):  # fmt: skip
        status, _, err = run(capsys, *words)
        assert status == 2, (words, err)
        assert says in err, (words, err)
        assert err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.glob("o.*")) == []
    assert list(tmp_path.glob(".o*")) == []


@pytest.mark.parametrize(
    "geo",
    [
        b"{ceci n'est pas du JSON", b"\xff", b"null", b"[1]", b"{}", b'{"columns": "x"}',
        b'{"columns": {"geometry": [1]}, "primary_column": "geometry"}',
        b'{"columns": {"geometry": {"encoding": "ABC"}}, "primary_column": "geometry"}',
        b'{"columns": {"geometry": {"encoding": "WKB", "crs": "x"}}, "primary_column": "geometry"}',
    ],
)  # fmt: skip
def test_what_geoparquet_says_of_itself_may_be_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], geo: bytes
) -> None:
    source = written(tmp_path, ".geo.parquet")
    pq.write_table(pq.read_table(source).replace_schema_metadata({b"geo": geo}), source)
    refused_geometry(source, capsys)


def test_geometries_of_geoparquet_may_be_garbled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, ".geo.parquet")
    table = pq.read_table(source)
    column = table.column_names.index("geometry")
    garbled = table.set_column(column, "geometry", pa.array([b"\1\1", b"x", b""]))
    pq.write_table(garbled.replace_schema_metadata(table.schema.metadata), source)
    refused_geometry(source, capsys)


def refused_geometry(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix in (".parquet", ".csv"):
        target = source.with_name(f"o{suffix}")
        status, _, err = run(capsys, source, "--le", DAY, "--sortie", target)
        assert (status, err.count("\n")) == (2, 1)
        assert "géométrie" in err
        assert not target.exists()


def test_a_geopackage_of_an_unknown_system_or_without_a_layer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = written(tmp_path, ".gpkg"), tmp_path / "o.csv"
    with closing(sqlite3.connect(source)) as base, base:
        base.execute("UPDATE gpkg_geometry_columns SET srs_id = 99999")
    empty = tmp_path / "vide.gpkg"
    with closing(sqlite3.connect(empty)) as base, base:
        base.execute("CREATE TABLE a (b)")
    for path, says in ((source, "système de coordonnées"), (empty, "illisible")):
        status, _, err = run(capsys, path, "--le", DAY, "--sortie", target)
        assert (status, err.count("\n")) == (2, 1)
        assert says in err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 100 kB, where the system lets us make one."""
    folder = tmp_path / "disque"
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("le système ne laisse pas monter un petit disque")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".xlsx", ".gpkg", ".geojson"])
def test_a_full_disk(
    tmp_path: Path, small_disk: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    source, target = parquet(tmp_path, points(5000), 1250), small_disk / f"o{suffix}"
    status, _, err = run(capsys, source, "--le", DAY, "--sortie", target)
    assert status == 2
    assert "mpossible d'écrire" in err
    assert err.count("\n") == 1
    assert not target.exists()


def test_a_disk_full_at_the_last_step_leaves_what_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = written(tmp_path, ".parquet"), tmp_path / "o.parquet"

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "ParquetWriter", full)
    assert "disque est plein" in run(capsys, source, "--le", DAY, "--sortie", target)[2]
    monkeypatch.undo()
    assert not target.exists()
    assert len(list(parts_of(target))) == 1
    assert run(capsys, source, "--le", DAY, "--sortie", target)[0] == 0
    assert len(pq.read_table(target)) == 4


@pytest.fixture
def done_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A source and a target whose parts are there, but not joined."""
    source, target = parquet(tmp_path, points(3000), 1000), tmp_path / "o.parquet"
    with monkeypatch.context() as patch:
        patch.setattr(stream, "_join", interrupted)
        with pytest.raises(KeyboardInterrupt):
            stream.check_parquet(source, target, REQUEST)
    return source, target


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("harm", ["empty", "cut", "one row less"])
def test_a_damaged_part_is_made_again(
    done_parts: tuple[Path, Path], number: int, harm: str
) -> None:
    source, target = done_parts
    part = sorted(parts_of(target))[number]
    whole = part.read_bytes()
    if harm == "one row less":
        pq.write_table(pq.read_table(part).slice(1), part)
    else:
        part.write_bytes(b"" if harm == "empty" else whole[: len(whole) // 2])
    assert stream.check_parquet(source, target, REQUEST) == 3000
    assert pq.read_table(target)["id"].to_pylist() == list(range(3000))


def test_a_part_that_the_disk_garbled_is_named_then_made_again(
    done_parts: tuple[Path, Path],
) -> None:
    source, target = done_parts
    part = sorted(parts_of(target))[1]
    whole = bytearray(part.read_bytes())
    whole[len(whole) // 3] ^= 255
    part.write_bytes(whole)
    with pytest.raises(OutputError, match="Relancez"):
        stream.check_parquet(source, target, REQUEST)
    assert not target.exists()
    assert stream.check_parquet(source, target, REQUEST) == 3000
    assert pq.read_table(target)["id"].to_pylist() == list(range(3000))


def test_parts_of_another_catalogue_or_file_are_not_taken_up(
    done_parts: tuple[Path, Path], tmp_path: Path
) -> None:
    source, target = done_parts
    part = sorted(parts_of(target))[0]
    pq.write_table(pq.read_table(part).set_column(0, "id", [[-1] * 1000]), part)
    home = tmp_path / "autres"
    status = subprocess.run(
        [PROGRAM, "zonages", "importer", zoning(tmp_path), "--region", "53", "--effet-le",
         "2020-01-01", "--catalogue", home],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert status.returncode == 0, status.stderr
    asked = replace(REQUEST, home=str(home))
    assert stream.check_parquet(source, target, asked) == 3000
    assert pq.read_table(target)["id"].to_pylist() == list(range(3000))


def zoning(folder: Path) -> Path:
    path = folder / "z.csv"
    path.write_text("code_insee;classe\n35238;ZIP\n35047;ZAC\n", encoding="utf-8")
    return path


def test_a_source_that_changes_meanwhile_gives_no_file(tmp_path: Path) -> None:
    source, target = parquet(tmp_path, points(3000), 1000), tmp_path / "o.parquet"
    frame = points(3000).assign(id=-1)

    def swap(done: int, total: int) -> None:
        if done == 0:
            parquet(tmp_path, frame, 1000, "autre").replace(source)

    with pytest.raises(UnsafeFile, match="a changé"):
        stream.check_parquet(source, target, REQUEST, swap)
    assert not target.exists()


def test_two_runs_do_not_write_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = parquet(tmp_path, points(3000), 1000), tmp_path / "o.parquet"
    said = []

    def meanwhile(done: int, total: int) -> None:
        if done == 0:
            said.append(run(capsys, source, "--le", "2008-01-01", "--sortie", target))

    assert stream.check_parquet(source, target, REQUEST, meanwhile) == 3000
    assert said[0][0] == 2
    assert "autre exécution écrit déjà ce fichier" in said[0][2]
    assert set(pq.read_table(target)["zonage"].to_pylist()) == {"idf-2012", None}


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A source of sixteen parts, and what a run that nothing stops makes of it."""
    folder = tmp_path_factory.mktemp("entier")
    source = parquet(folder, points(16_000), 1000)
    stream.check_parquet(source, folder / "ref.parquet", REQUEST)
    return source, (folder / "ref.parquet").read_bytes()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_run_leaves_no_worker_and_the_same_bytes_later(
    whole_run: tuple[Path, bytes], tmp_path: Path, sent: signal.Signals
) -> None:
    (source, expected), target = whole_run, tmp_path / "o.parquet"
    words = ["verifier-lot", source, "--le", str(DAY), "--sortie", target]
    command = [sys.executable, "-c", SHARED_OUT, *words]
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    end = time.monotonic() + 60
    while not list(parts_of(target)) and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(process.pid, sent)
    _, err = process.communicate(timeout=30)
    if sent == signal.SIGKILL:
        assert err == b""
    else:
        assert (process.returncode, err.decode().split()) == (1, ["cesp-geo", ":", "Interrompu."])
    assert not target.exists()
    end = time.monotonic() + 20
    while group_is_alive(process.pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not group_is_alive(process.pid)
    assert list(parts_of(target))
    assert stream.check_parquet(source, target, REQUEST) == 16_000
    assert target.read_bytes() == expected


def group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_that_is_killed_says_so(whole_run: tuple[Path, bytes], tmp_path: Path) -> None:
    source, target = whole_run[0], tmp_path / "o.parquet"

    def kill(done: int, total: int) -> None:
        if done:
            os.kill(active_children()[0].pid or 0, signal.SIGKILL)

    with pytest.raises(OutputError, match="processus de travail a été arrêté"):
        stream.check_parquet(source, target, REQUEST, kill, workers=2)
    assert list(parts_of(target))


def test_one_long_row_group_is_shared_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_ROWS", 700)
    source, target = parquet(tmp_path, points(10_000), 10_000), tmp_path / "o.parquet"
    told: list[int] = []
    stream.check_parquet(source, target, REQUEST, lambda done, total: told.append(done), workers=2)
    assert told == sorted(told)
    assert told[-1] == 10_000
    assert pq.read_table(target)["id"].to_pylist() == list(range(10_000))
    assert pq.read_metadata(target).num_row_groups == 15


def test_wide_rows_make_small_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_MOST_BYTES", 100_000)
    frame = points(3000).assign(texte="x" * 200)
    source, target = parquet(tmp_path, frame, 3000), tmp_path / "o.parquet"
    stream.check_parquet(source, target, REQUEST)
    meta = pq.read_metadata(target)
    assert max(meta.row_group(index).num_rows for index in range(meta.num_row_groups)) < 500
    assert len(pq.read_table(target)) == 3000


@pytest.mark.parametrize("wanted", [".xlsx"])
def test_more_rows_than_a_workbook_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wanted: str
) -> None:
    source, target = tmp_path / "s.parquet", tmp_path / f"o{wanted}"
    pq.write_table(pa.table({"code": pa.array(["93008"] * 1_048_576)}), source)
    status, _, err = run(capsys, source, "--le", DAY, "--sortie", target)
    assert status == 2
    assert "1048575 lignes" in err
    assert not target.exists()
    rows = [("x",)] * 1_048_576
    with pytest.raises(OutputError, match="1048575"):
        write_tables(target, {"Sites": Table(("code",), rows)})


def test_a_workbook_keeps_the_types_of_its_cells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "s.xlsx", tmp_path / "o.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["code", "n", "f", "d", "b", "mixte"])
    book.active.append(["01001", 0, 1.5, datetime(2013, 6, 1), True, "x"])
    book.active.append(["93008", None, 2, datetime(2020, 1, 5), False, 3])
    book.save(source)
    assert run(capsys, source, "--le", DAY, "--sortie", target)[0] == 0
    rows = list(openpyxl.load_workbook(target).active.iter_rows(min_row=2, values_only=True))
    assert rows[0][:6] == ("01001", 0, 1.5, datetime(2013, 6, 1), True, "x")
    assert rows[1][:6] == ("93008", None, 2, datetime(2020, 1, 5), False, 3)
    for suffix in (".parquet", ".csv"):
        other = target.with_suffix(suffix)
        assert run(capsys, source, "--le", DAY, "--sortie", other)[0] == 0
    assert pq.read_table(target.with_suffix(".parquet"))["n"].to_pylist() == [0, None]


def test_a_named_index_of_pandas_is_a_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "s.parquet"
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["93008", "93066"], name="code"))
    frame.to_parquet(source)
    for suffix in (".parquet", ".csv"):
        target = tmp_path / f"o{suffix}"
        assert run(capsys, source, "--le", DAY, "--sortie", target)[0] == 0
    assert pq.read_table(tmp_path / "o.parquet")["code"].to_pylist() == ["93008", "93066"]
    assert "93066" in (tmp_path / "o.csv").read_text(encoding="utf-8-sig")


def test_a_double_title_in_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "s.parquet"
    columns = [pa.array([2.4]), pa.array([2.4397]), pa.array([48.9])]
    pq.write_table(pa.Table.from_arrays(columns, names=["lon", "lon", "lat"]), source)
    for suffix in (".parquet", ".csv"):
        words = (source, "--le", DAY, "--sortie", tmp_path / f"o{suffix}")
        status, _, err = run(capsys, *words)
        assert (status, "« lon » est là deux fois" in err) == (2, True)


def test_a_csv_cut_inside_quotes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "s.csv"
    source.write_text('lon;lat;a\n2.4397;48.9068;"x\n2.3', encoding="utf-8")
    status, _, err = run(capsys, source, "--le", DAY, "--sortie", tmp_path / "o.csv")
    assert (status, "guillemets" in err) == (2, True)
    source.write_text('lon;lat;a\n2.4397;48.9068;"x\ny"', encoding="utf-8")
    assert run(capsys, source, "--le", DAY, "--sortie", tmp_path / "o.csv")[0] == 0


def test_geojson_is_in_degrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = written(tmp_path, ".geo.parquet"), tmp_path / "o.geojson"
    assert run(capsys, source, "--le", DAY, "--sortie", target)[0] == 0
    found = json.loads(target.read_text(encoding="utf-8"))
    assert found["features"][0]["geometry"]["coordinates"] == pytest.approx([2.4397, 48.9068])


def test_the_columns_are_the_same_whatever_the_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["code", *COLUMNS, "distance_limite_m"]
    for rows in (0, 2):
        table = pa.table({"code": pa.array(["93008", "48.9068,2.4397"][:rows], pa.string())})
        source = tmp_path / "s.parquet"
        pq.write_table(table, source)
        for suffix in (".parquet", ".csv"):
            target = tmp_path / f"o{suffix}"
            words = (source, "--le", DAY, "--distance", "--sortie", target)
            assert run(capsys, *words)[0] == 0
        assert pq.read_schema(tmp_path / "o.parquet").names == wanted
        found = pd.read_csv(tmp_path / "o.csv", sep=";", encoding="utf-8-sig")
        assert list(found.columns) == wanted
    assert found["distance_limite_m"].notna().tolist() == [False, True]
