"""The register keeps everything, once, whatever happens to the process that writes."""

import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cesp_geo.cli import main
from cesp_geo.errors import DataError
from cesp_geo.inputs import register
from cesp_geo.inputs.register_copies import Restored, restore, save
from cesp_geo.inputs.register_file import create
from cesp_geo.siting.conflicts import Decision
from cesp_geo.siting.sheets import Sheet


def sheets(count: int, prefix: str = "S", place: str = "93008") -> list[Sheet]:
    return [
        Sheet(line, f"{prefix}{line}", date(2013, 1, 1), place, "mg", "libéral")
        for line in range(count)
    ]


@pytest.fixture
def held(tmp_path: Path) -> Path:
    path = tmp_path / "r.gpkg"
    create(path)
    return path


def add(path: Path, rows: list[Sheet], at: datetime | None = None) -> register.Recorded:
    with register.opened(path, writable=True) as book:
        return book.add(register.Import(Path(__file__), rows), recorded_at=at)


def test_the_same_rows_are_recorded_once(held: Path) -> None:
    assert add(held, sheets(3)) == register.Recorded(3, 0, 0)
    assert add(held, sheets(4)) == register.Recorded(1, 0, 3)
    with register.opened(held) as book:
        assert [item.signatory for item in book.sheets()] == ["S0", "S1", "S2", "S3"]
        assert len({digest for _, digest, _ in book.sources()}) == 1


def test_it_answers_as_it_was_known(held: Path) -> None:
    add(held, sheets(1), datetime(2020, 5, 1, tzinfo=UTC))
    add(held, sheets(1, place="93001"), datetime(2021, 5, 1, tzinfo=UTC))
    decision = Decision("93008", date(2021, 1, 1), ("S1",), "motif")
    with register.opened(held, writable=True) as book:
        made = register.Import(Path(__file__), decisions=[decision])
        book.add(made, recorded_at=datetime(2022, 1, 1, tzinfo=UTC))
        known = [date(2020, 4, 30), date(2020, 5, 1), date(2021, 5, 1), None]
        assert [[item.place for item in book.sheets(day)] for day in known] == [
            [], ["93008"], ["93001"], ["93001"],
        ]  # fmt: skip
        assert [len(book.decisions(day)) for day in known] == [0, 0, 0, 1]


def test_rows_are_never_changed_nor_removed(held: Path) -> None:
    add(held, sheets(1))
    with sqlite3.connect(held) as db:
        for order in (
            "UPDATE fiches SET lieu = 'x'",
            "DELETE FROM fiches",
            "REPLACE INTO fiches SELECT * FROM fiches",
            "REPLACE INTO fiches SELECT NULL, geom, signataire, date_fiche, 'x', specialite, mode, "
            "installation_prevue, statut, contrat_signe_le, demande_le, commune, enregistre_le, "
            "source_sha256, contenu_sha256 FROM fiches",
            "INSERT INTO registre VALUES (2)",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="ajout seul"):
                db.execute(order)
    db.close()


def test_a_correction_can_be_undone(held: Path) -> None:
    one, other = sheets(1), sheets(1, place="93001")
    for brought, current in (
        (one, ["93008"]),
        (other, ["93001"]),
        (one, ["93008"]),
        ([*one, *other], ["93008", "93001"]),
        (other, ["93001"]),
    ):
        assert add(held, brought).sheets == len(brought)
        assert add(held, brought).sheets == 0
        assert [item.place for item in rows(held)] == current


def test_each_recording_comes_after_the_last_whatever_the_clock_says(held: Path) -> None:
    add(held, sheets(1), datetime(2030, 5, 1, tzinfo=UTC))
    add(held, sheets(1, place="93001"), datetime(2020, 5, 1, tzinfo=UTC))
    assert [item.place for item in rows(held)] == ["93001"]


def test_days_of_recording_are_days_in_france(
    held: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(held, sheets(1), datetime(2024, 6, 30, 21, 59, tzinfo=UTC))
    add(held, sheets(2), datetime(2024, 6, 30, 22, 1, tzinfo=UTC))
    with register.opened(held) as book:
        assert [len(book.sheets(date(2024, month, day))) for month, day in ((6, 30), (7, 1))] == [
            1, 2,
        ]  # fmt: skip
    out = cli(capsys, "registre", "montrer", str(held), "--connu-le", "2024-06-30")[1]
    assert "30 juin 2024 : 1 ligne" in out
    assert "juillet" not in out
    assert "1er juillet 2024 : 1 ligne" in cli(capsys, "registre", "montrer", str(held))[1]


def test_a_changed_cell_is_known_as_damage(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(held, sheets(3))
    with sqlite3.connect(held) as db:
        db.execute("DROP TRIGGER fiches_update")
        db.execute("UPDATE fiches SET lieu = '93001' WHERE fid = 2")
    db.close()
    for words in (["registre", "montrer"], ["conflits", "--le", "2014-01-01"]):
        status, _, err = cli(capsys, *words, str(held))
        assert status == 2
        assert "fiche n° 2" in err
        assert "restaurer" in err


def test_looking_changes_nothing(
    held: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(held, sheets(3))
    (tmp_path / "d").mkdir()
    copy = tmp_path / "d" / "copie.gpkg"
    save(held, copy)
    before = {item.name: item.read_bytes() for item in copy.parent.iterdir()}
    assert cli(capsys, "registre", "montrer", str(copy))[0] == 0
    assert cli(capsys, "conflits", str(copy), "--le", "2014-01-01")[0] == 0
    assert {item.name: item.read_bytes() for item in copy.parent.iterdir()} == before


def test_it_is_read_where_nothing_can_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(tempfile.mkdtemp())
    path = folder / "r.gpkg"
    create(path)
    add(path, sheets(3))
    path.chmod(0o444)
    folder.chmod(0o555)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        status, out, err = cli(capsys, "registre", "montrer", str(path))
    finally:
        os.seteuid(user)
        folder.chmod(0o755)
        shutil.rmtree(folder)
    assert (status, err) == (0, "")
    assert "3 fiches" in out


@pytest.mark.parametrize("damage", ["head", "middle", "cut"])
def test_a_damaged_register_is_never_taken_for_a_layer(
    held: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    add(held, sheets(300))
    content = bytearray(held.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    else:
        start = 0 if damage == "head" else 4096
        content[start : start + 4096] = b"\xff" * 4096
    held.write_bytes(bytes(content))
    for command in ("conflits", "impact"):
        status, _, err = cli(capsys, command, str(held), "--le", "2014-01-01")
        assert status == 2
        assert "registre restaurer" in err
        assert err.count("\n") == 1


def test_geographers_open_it_as_points(held: Path) -> None:
    import geopandas as gpd

    add(held, [*sheets(1), Sheet(9, "P", date(2013, 1, 1), "48.9068,2.4397")])
    frame = gpd.read_file(held, layer="fiches")
    assert frame.crs == "EPSG:4326"
    assert list(frame.geom_type) == ["Point", "Point"]
    assert frame.geometry.iloc[1].x == pytest.approx(2.4397)
    assert "name" not in frame.columns


def test_a_sheet_that_cannot_be_read_keeps_the_whole_import_out(held: Path) -> None:
    wrong = Sheet(7, "S7", None, "93008", problem="f.csv, ligne 7 : jour")
    with pytest.raises(DataError, match="ligne 7"):
        add(held, [*sheets(3), wrong])
    assert len(rows(held)) == 0


def rows(path: Path) -> tuple[Sheet, ...]:
    with register.opened(path) as book:
        return book.sheets()


WRITER = """
import sys
from datetime import date
from pathlib import Path
from cesp_geo.inputs import register
from cesp_geo.siting.sheets import Sheet
path, prefix, count, pause = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "pause"
made = [Sheet(n, f"{prefix}{n}", date(2013, 1, 1), "") for n in range(count)]
def slowly():
    for item in made:
        yield item
with register.opened(Path(path), writable=True) as book:
    if pause:
        import sqlite3, time
        book._db.set_trace_callback(lambda text: text == "COMMIT" and (print("ready", flush=True),
                                                                      time.sleep(60)))
    for start in range(0, count, 50):
        book.add(register.Import(Path(__file__), made if pause else made[start:start + 50]))
        if pause:
            break
"""


def writer(path: Path, script: Path, prefix: str, count: int, pause: str = "") -> subprocess.Popen:  # type: ignore[type-arg]
    script.write_text(WRITER, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, script, path, prefix, str(count), pause], stdout=subprocess.PIPE, text=True
    )


def test_two_processes_at_once_lose_nothing(held: Path, tmp_path: Path) -> None:
    both = [writer(held, tmp_path / "w.py", prefix, 500) for prefix in ("A", "B")]
    for process in both:
        process.communicate(timeout=60)
        assert process.returncode == 0
    found = {item.signatory for item in rows(held)}
    assert found == {f"{prefix}{number}" for prefix in "AB" for number in range(500)}


def test_first_imports_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "absent.gpkg"
    started = []
    for number in range(4):
        table = tmp_path / f"{number}.csv"
        table.write_text(f"signataire;date_fiche;commune\nS{number};2013-01-01;93008\n")
        code = "from cesp_geo.cli import main; main()"
        words = [sys.executable, "-c", code, "registre", "ajouter", path, table]
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    for process in started:
        assert process.communicate(timeout=120)[1] == b""
        assert process.returncode == 0
    assert {item.signatory for item in rows(path)} == {"S0", "S1", "S2", "S3"}
    assert [item.name for item in tmp_path.glob("*.gpkg")] == ["absent.gpkg"]


def test_a_register_made_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.gpkg"

    def without_links(draft: Path, target: Path) -> None:
        if target == path and not path.exists():
            path.write_bytes(b"made by another process")
        raise OSError(errno.EOPNOTSUPP, "no links here")

    monkeypatch.setattr(os, "link", without_links)
    create(path)
    assert path.read_bytes() == b"made by another process"
    path.unlink()
    monkeypatch.setattr(os, "link", lambda *_: without_links(path, tmp_path))
    create(path)
    assert add(path, sheets(2)).sheets == 2


def test_a_kill_before_the_end_leaves_it_as_before(held: Path, tmp_path: Path) -> None:
    add(held, sheets(2))
    process = writer(held, tmp_path / "w.py", "K", 400, "pause")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    assert [item.signatory for item in rows(held)] == ["S0", "S1"]
    assert add(held, sheets(3)).sheets == 1


def cli(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(list(words))
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def test_damage_is_recognised_and_a_copy_restored(
    held: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(held, sheets(300))
    copy = tmp_path / "copie.gpkg"
    assert cli(capsys, "registre", "sauver", str(held), str(copy))[0] == 0
    content = bytearray(held.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    held.write_bytes(bytes(content))
    status, _, err = cli(capsys, "registre", "montrer", str(held))
    assert status == 2
    assert "restaurer" in err
    assert err.count("\n") == 1
    assert cli(capsys, "registre", "restaurer", str(copy), str(held))[0] == 0
    assert len(rows(held)) == 300
    copy.write_bytes(copy.read_bytes()[:-1] + b"x")
    before = held.read_bytes()
    status, _, err = cli(capsys, "registre", "restaurer", str(copy), str(held))
    assert status == 2
    assert "empreinte" in err
    assert held.read_bytes() == before


def test_a_copy_can_be_restored_again_and_again(held: Path, tmp_path: Path) -> None:
    add(held, sheets(3))
    copy = tmp_path / "copie.gpkg"
    digest = save(held, copy)
    for count, name in ((5, "r.gpkg.avant"), (6, "r.gpkg.avant-2"), (7, "r.gpkg.avant-3")):
        add(held, sheets(count))
        assert restore(copy, held) == Restored(digest, held.with_name(name))
        assert len(rows(held)) == 3
        assert len(rows(held.with_name(name))) == count
    assert len(rows(held.with_name("r.gpkg.avant"))) == 5


@pytest.mark.parametrize("call", ["link", "replace", "rename"])
def test_a_restoration_stopped_anywhere_leaves_a_whole_register(
    held: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    add(held, sheets(3))
    copy = tmp_path / "copie.gpkg"
    save(held, copy)
    with register.opened(held, writable=True) as busy:
        busy.add(register.Import(Path(__file__), sheets(5)))

        def stopped(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(os, call, stopped)
            with pytest.raises(KeyboardInterrupt):
                restore(copy, held)
    assert len(rows(held)) == 5


def test_what_others_write_during_a_restoration_is_kept_aside(held: Path, tmp_path: Path) -> None:
    add(held, sheets(1))
    copy = tmp_path / "copie.gpkg"
    save(held, copy)
    with register.opened(held, writable=True) as busy:
        busy.add(register.Import(Path(__file__), sheets(4)))
        restore(copy, held)
        busy.add(register.Import(Path(__file__), sheets(6)))
        assert len(rows(held)) == 1
    assert len(rows(held)) == 1
    assert len(rows(held.with_name("r.gpkg.avant"))) == 6


def test_sheets_and_decisions_of_one_command_are_recorded_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, decided, path = (tmp_path / name for name in ("f.csv", "d.csv", "r.gpkg"))
    sheet.write_text("signataire;date_fiche;commune\nS1;31/02/2013;Bobigny\n", encoding="utf-8")
    decided.write_text("zone;jour;signataires;motif\n93008;01/12/2013;S1;x\n", encoding="utf-8")
    words = ["registre", "ajouter", str(path), str(sheet), "--decisions", str(decided)]
    assert cli(capsys, *words)[0] == 2
    with register.opened(path) as book:
        assert (book.sheets(), book.decisions()) == ((), ())
    sheet.write_text("signataire;date_fiche;commune\nS1;01/02/2013;Bobigny\n", encoding="utf-8")
    assert "1 fiche et 1 décision de plus" in cli(capsys, *words)[1]
    with register.opened(path) as book:
        assert len({moment for moment, _, _ in book.sources()}) == 1


def test_conflicts_and_impact_read_it_as_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, path = tmp_path / "f.csv", str(tmp_path / "r.gpkg")
    table.write_text(
        "signataire;date_fiche;commune;specialite;statut\nS1;2012-09-01;Bobigny;mg;en cours\n"
        "S2;2013-09-01;93008;mg;\n",
        encoding="utf-8",
    )
    for expected in ("2 fiches", "0 fiche"):
        assert expected in cli(capsys, "registre", "ajouter", path, str(table))[1]
    answers = [cli(capsys, "conflits", one, "--le", "2014-01-01")[1] for one in (str(table), path)]
    assert answers[0] == answers[1]
    early = ["--connu-le", "2020-01-01", "--le", "2014-01-01"]
    status, _, err = cli(capsys, "conflits", path, *early)
    assert (status, "rien n'était enregistré le 1er janvier 2020" in err) == (3, True)
    status, out, _ = cli(capsys, "impact", path, "--le", "2018-03-06")
    assert status == 0
    assert "2 projets" in out
    early = ["--connu-le", "2020-01-01", "--le", "2018-03-06"]
    assert cli(capsys, "impact", path, *early)[0] == 3
    out = cli(capsys, "conflits", path, "--le", "2014-01-01", "--json")[1]
    (group,) = json.loads(out)["groups"]
    assert group["ranking"][0]["sheets"][0]["origin"].startswith("fiche n° 1 du registre, enreg")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["montrer", "absent.gpkg"], "introuvable"),
        (["ajouter", "r.db", "f.csv"], ".gpkg"),
        (["ajouter", "f.csv", "f.csv"], "n'est pas un registre"),
        (["ajouter", "r.gpkg"], "--decisions"),
        (["restaurer", "absent.gpkg", "r.gpkg"], "empreinte"),
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
    Path("f.csv").write_text("signataire;date_fiche;commune\nS1;2013-01-01;Bobigny\n")
    status, _, err = cli(capsys, "registre", *words)
    assert status == 2
    assert says in err
    assert err.count("\n") == 1


def test_the_clock_of_a_slow_writer_does_not_block_readers(held: Path, tmp_path: Path) -> None:
    process = writer(held, tmp_path / "w.py", "K", 10, "pause")
    assert process.stdout is not None
    process.stdout.readline()
    start = time.perf_counter()
    assert rows(held) == ()
    assert time.perf_counter() - start < 5
    process.kill()
    process.communicate(timeout=20)
