"""A register that lasts: sheets and decisions in one GeoPackage, append-only.

A GeoPackage is SQLite (OGC 12-128r18), so that GIS staff open it as it is: the sheets are
points, the decisions a plain table. Each row says when it was recorded and the sha256 of the
file it came from; the same row is recorded once.
"""

import hashlib
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from cesp_geo import communes
from cesp_geo.dates import parse_day
from cesp_geo.errors import CespGeoError, DataError, OutputError
from cesp_geo.inputs.register_schema import SCHEMA
from cesp_geo.outputs.files import writing
from cesp_geo.siting.conflicts import Decision
from cesp_geo.siting.projects import Sheet

_HEAD = b"SQLite format 3\x00"
_WAIT_S = 60
_MEND = "Rendez la dernière sauvegarde avec « cesp-geo registre restaurer »."


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one import added, and what was there already."""

    sheets: int
    decisions: int
    known: int


def is_register(path: Path) -> bool:
    """Say whether a file is a register (a GeoPackage with our tables)."""
    try:
        with path.open("rb") as file:
            if file.read(16) != _HEAD:
                return False
        with closing(_connect(path, readonly=True)) as db:
            names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        return {"fiches", "decisions", "registre"} <= names
    except (OSError, sqlite3.Error):
        return False


def create(path: Path) -> None:
    """Make an empty register; a file that is there already is left as it is.

    Raises
    ------
    OutputError
        If it cannot be written there, or the file there is no register.
    """
    if path.exists():
        if not is_register(path):
            raise OutputError(
                f"{path} existe et n'est pas un registre, ou il est abîmé. Choisissez un autre "
                f"nom. {_MEND}"
            )
        return
    if path.suffix.lower() != ".gpkg":
        raise OutputError(f"Un registre est un GeoPackage : nommez-le en .gpkg, pas {path.name}.")
    with writing(path) as draft, closing(sqlite3.connect(draft)) as db:
        db.executescript(SCHEMA)
        db.commit()


@contextmanager
def opened(path: Path) -> Iterator["Register"]:
    """Open a register, after checking that it is whole.

    Raises
    ------
    DataError
        If it is missing, damaged, or no register.
    """
    if not path.is_file():
        raise DataError(f"Registre introuvable : {path}. Vérifiez le chemin.")
    try:
        db = _connect(path)
    except sqlite3.OperationalError as error:
        raise DataError(
            f"Registre inaccessible : {path} ({error}). Vérifiez les droits d'accès au fichier et "
            "à son dossier."
        ) from None
    except sqlite3.Error as error:
        raise _damaged(path, error) from None
    with closing(db):
        _check(db, path)
        try:
            yield Register(db, path)
        except sqlite3.DatabaseError as error:
            raise _damaged(path, error) from None


def _connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    mode = "ro" if readonly else "rw"
    db = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=_WAIT_S, isolation_level=None
    )
    db.execute(f"PRAGMA busy_timeout = {_WAIT_S * 1000}")
    if not readonly:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
    return db


def _check(db: sqlite3.Connection, path: Path) -> None:
    try:
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise _damaged(path, error) from None
    if found != "ok":
        raise _damaged(path, found)
    if not {"fiches", "decisions", "registre"} <= names:
        raise DataError(
            f"{path} n'est pas un registre de fiches. Créez-en un avec « cesp-geo registre "
            "ajouter »."
        )


def _damaged(path: Path, why: object) -> DataError:
    return DataError(f"Registre abîmé : {path} ({' '.join(str(why).split())}). {_MEND}")


class Register:
    """An open register; made by :func:`opened`."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self.path = path

    def add(
        self,
        sheets: Iterable[Sheet],
        decisions: Iterable[Decision],
        source: Path,
        recorded_at: datetime | None = None,
    ) -> Recorded:
        """Record rows that are not there yet, all of them or none.

        Parameters
        ----------
        sheets : iterable of Sheet
            A sheet that cannot be read is refused with its reason.
        decisions : iterable of Decision
        source : pathlib.Path
            The file they come from, whose sha256 is recorded.
        recorded_at : datetime.datetime, optional
            Now, by default; UTC.

        Returns
        -------
        Recorded

        Raises
        ------
        DataError
            If a sheet has a problem, or the register cannot be written.
        """
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        moment = (recorded_at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        rows = [_sheet_row(item, moment, digest) for item in sheets]
        decided = [_decision_row(item, moment, digest) for item in decisions]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            before = self._counts()
            self._db.executemany(_INSERT_SHEET, rows)
            self._db.executemany(_INSERT_DECISION, decided)
            after = self._counts()
            self._db.execute(
                "UPDATE gpkg_contents SET last_change = ? WHERE table_name IN "
                "('fiches', 'decisions')",
                (moment[:23] + "Z",),
            )
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise DataError(
                f"Le registre {self.path} n'a pas pu être écrit ({error}). Rien n'a été ajouté : "
                "fermez les programmes qui l'ont ouvert, ou libérez de la place."
            ) from None
        added = tuple(two - one for one, two in zip(before, after, strict=True))
        return Recorded(added[0], added[1], len(rows) + len(decided) - sum(added))

    def _counts(self) -> tuple[int, int]:
        one, two = (
            self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("fiches", "decisions")
        )
        return one, two

    def sheets(self, known_on: date | None = None) -> tuple[Sheet, ...]:
        """Give the sheets recorded by a day, all by default; ``line`` is the row's number.

        A sheet recorded later for the same signatory and day corrects the earlier one.
        """
        found = self._db.execute(
            f"SELECT fid, {', '.join(_SHEET_FIELDS)} FROM (SELECT *, max(enregistre_le) OVER "
            "(PARTITION BY signataire, date_fiche) AS derniere FROM fiches "
            "WHERE ? IS NULL OR substr(enregistre_le, 1, 10) <= ?) "
            "WHERE enregistre_le = derniere ORDER BY fid",
            _until(known_on),
        )
        return tuple(_sheet(row) for row in found)

    def decisions(self, known_on: date | None = None) -> tuple[Decision, ...]:
        """Give the decisions recorded by a day, all by default."""
        found = self._db.execute(
            "SELECT fid, zone, jour, signataires, motif FROM decisions "
            "WHERE ? IS NULL OR substr(enregistre_le, 1, 10) <= ? ORDER BY fid",
            _until(known_on),
        )
        return tuple(
            Decision(zone, parse_day(day), tuple(ids.split(";")) if ids else (), reason, fid)
            for fid, zone, day, ids, reason in found
        )

    def sources(self) -> tuple[tuple[str, str, int], ...]:
        """Give each moment of recording, the sha256 of its file, and its number of rows."""
        found = self._db.execute(
            "SELECT enregistre_le, source_sha256, count(*) FROM (SELECT enregistre_le, "
            "source_sha256 FROM fiches UNION ALL SELECT enregistre_le, source_sha256 FROM "
            "decisions) GROUP BY 1, 2 ORDER BY 1, 2"
        )
        return tuple(found)


def _until(day: date | None) -> tuple[str | None, str | None]:
    text = day.isoformat() if day else None
    return text, text


_SHEET_FIELDS = (
    "signataire", "date_fiche", "lieu", "specialite", "mode", "installation_prevue", "statut",
    "contrat_signe_le", "demande_le",
)  # fmt: skip
_INSERT_SHEET = (
    f"INSERT OR IGNORE INTO fiches (geom, {', '.join(_SHEET_FIELDS)}, enregistre_le, "
    f"source_sha256, contenu_sha256) VALUES (?, {'?, ' * len(_SHEET_FIELDS)}?, ?, ?)"
)
_INSERT_DECISION = (
    "INSERT OR IGNORE INTO decisions (zone, jour, signataires, motif, enregistre_le, "
    "source_sha256, contenu_sha256) VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def _sheet_row(item: Sheet, moment: str, digest: str) -> tuple[object, ...]:
    if item.problem or item.sheet_on is None:
        problem = item.problem or f"ligne {item.line} : la fiche n'a pas de jour (date_fiche)"
        raise DataError(f"Rien n'a été ajouté au registre : {problem}. Corrigez le fichier.")
    values = (
        item.signatory, item.sheet_on.isoformat(), item.place, item.specialty, item.mode,
        _iso(item.planned_on), item.status, _iso(item.contract_signed_on), _iso(item.applied_on),
    )  # fmt: skip
    return _point(item), *values, moment, digest, _digest(values)


def _decision_row(item: Decision, moment: str, digest: str) -> tuple[object, ...]:
    values = (
        item.zone_code, item.decided_on.isoformat(), ";".join(item.signatories), item.reason,
    )  # fmt: skip
    return *values, moment, digest, _digest(values)


def _digest(values: Sequence[object]) -> str:
    return hashlib.sha256("\x1f".join(str(value or "") for value in values).encode()).hexdigest()


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _sheet(row: Sequence[object]) -> Sheet:
    texts = [None if cell is None else str(cell) for cell in row[1:]]
    signatory, day, place, specialty, mode, planned, status, contract, applied = texts
    return Sheet(
        line=int(str(row[0])),
        signatory=signatory or "",
        sheet_on=_day(day),
        place=place or "",
        specialty=specialty or "",
        mode=mode or "",
        planned_on=_day(planned),
        status=status or "",
        contract_signed_on=_day(contract),
        applied_on=_day(applied),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _point(item: Sheet) -> bytes | None:
    """A GeoPackage point where the place is known on the sheet's day, to be seen on a map."""
    assert item.sheet_on is not None
    found = _position(item.place, item.sheet_on)
    if found is None:
        return None
    return b"GP\x00\x01" + struct.pack("<i", 4326) + struct.pack("<BIdd", 1, 1, *found)


def _position(place: str, day: date) -> tuple[float, float] | None:
    head, _, tail = place.partition(",")
    try:
        return float(tail), float(head)
    except ValueError:
        pass
    try:
        found = communes.find(place, day)
    except CespGeoError:
        return None
    middle = communes.polygon(found.elits).representative_point()
    return middle.x, middle.y


def save(path: Path, target: Path) -> str:
    """Copy a register whole, even while it is used, and write its sha256 beside it.

    Parameters
    ----------
    path, target : pathlib.Path

    Returns
    -------
    str
        The sha256, also in ``<target>.sha256``.

    Raises
    ------
    DataError, OutputError
    """
    with opened(path) as held:
        sums = target.with_name(f"{target.name}.sha256")
        with writing(target) as draft:
            with closing(sqlite3.connect(draft)) as copy:
                held._db.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
            digest = hashlib.sha256(draft.read_bytes()).hexdigest()
            draft.with_name(sums.name).write_text(f"{digest}  {target.name}\n", encoding="utf-8")
        return digest


def restore(saved: Path, path: Path) -> str:
    """Put a saved register in place of another, after checking it against its sha256.

    Parameters
    ----------
    saved, path : pathlib.Path
        The copy, and the register to replace; what was there is kept as ``<path>.avant``.

    Returns
    -------
    str
        The sha256 of the copy.

    Raises
    ------
    DataError
        If the copy or its checksum is missing, or they disagree.
    """
    sums = saved.with_name(f"{saved.name}.sha256")
    try:
        content, expected = saved.read_bytes(), sums.read_text(encoding="utf-8").split()[0]
    except (OSError, IndexError):
        raise DataError(
            f"Il manque {saved} ou son empreinte {sums.name}. Donnez les deux fichiers que "
            "« registre sauver » a écrits."
        ) from None
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected:
        raise DataError(
            f"La sauvegarde {saved} est abîmée : son empreinte n'est pas celle de {sums.name}. "
            "Prenez-en une autre. Rien n'a été remplacé."
        )
    with writing(path) as draft:
        draft.write_bytes(content)
        with opened(draft):
            pass
        _set_aside(path)
    return digest


def _set_aside(path: Path) -> None:
    """Keep a register as ``<path>.avant`` with its write-ahead log, which is a part of it.

    The log must not stay beside the path: SQLite would replay it over the file that comes there.
    """
    kept = path.with_name(f"{path.name}.avant")
    for tail in ("", "-wal", "-shm"):
        old, new = (item.with_name(item.name + tail) for item in (path, kept))
        new.unlink(missing_ok=True)
        if old.exists():
            old.rename(new)
