"""A register that lasts: sheets and decisions in one GeoPackage, append-only.

A GeoPackage is SQLite (OGC 12-128r18), so that GIS staff open it as it is: the sheets are
points, the decisions a plain table. Each row says when it was recorded and the sha256 of the
file it came from. What is current for a signatory and a day is what was recorded last for them;
recording again what is current adds nothing. Looking at a register changes nothing in it.
"""

import hashlib
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cesp_geo import communes
from cesp_geo.dates import french_day
from cesp_geo.errors import CespGeoError, DataError
from cesp_geo.inputs.register_file import connected, damaged
from cesp_geo.siting.conflicts import Decision
from cesp_geo.siting.sheets import Sheet

_PARIS = ZoneInfo("Europe/Paris")
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"

_Values = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """What one file brings."""

    source: Path
    sheets: Sequence[Sheet] = ()
    decisions: Sequence[Decision] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one import added, and what was there already."""

    sheets: int
    decisions: int
    known: int


@contextmanager
def opened(path: Path, *, writable: bool = False) -> Iterator["Register"]:
    """Open a register, after checking that it is whole.

    Parameters
    ----------
    path : pathlib.Path
    writable : bool
        Without it, the file is opened read-only and left as it is.

    Raises
    ------
    DataError
        If it is missing, damaged, or no register.
    """
    with connected(path, writable=writable) as db:
        yield Register(db, path)


def copy_to(register: "Register", target: Path) -> None:
    """Copy an open register into a new file of one piece."""
    with closing(sqlite3.connect(target)) as copy:
        register._db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def paris_day(moment: str) -> date:
    """Give the civil day, in France, of a moment of recording.

    Examples
    --------
    >>> paris_day("2024-06-30T22:30:00.000000Z").isoformat()
    '2024-07-01'
    """
    return datetime.fromisoformat(moment).astimezone(_PARIS).date()


class Register:
    """An open register; made by :func:`opened`."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self.path = path

    def add(self, *imports: Import, recorded_at: datetime | None = None) -> Recorded:
        """Record what some files bring, all of it or nothing.

        The sheets of a signatory and a day are recorded where they are not those that are
        current; a decision, where it is not recorded yet.

        Parameters
        ----------
        *imports : Import
            A sheet that cannot be read is refused with its reason.
        recorded_at : datetime.datetime, optional
            Now, by default; later than all that is recorded.

        Returns
        -------
        Recorded

        Raises
        ------
        DataError
            If a sheet has a problem, or the register cannot be written.
        """
        sheets = [
            (_sheet_values(item), _point(item), digest)
            for held, digest in ((held, sha256_of(held.source)) for held in imports)
            for item in held.sheets
        ]
        decisions = [
            (_decision_values(item), digest)
            for held, digest in ((held, sha256_of(held.source)) for held in imports)
            for item in held.decisions
        ]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            moment = self._moment(recorded_at or datetime.now(UTC))
            added = self._add_sheets(sheets, moment), self._add_decisions(decisions, moment)
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
        return Recorded(*added, len(sheets) + len(decisions) - sum(added))

    def _moment(self, asked: datetime) -> str:
        """A moment after all that is recorded, so that each recording is a moment of its own."""
        (last,) = self._db.execute(
            "SELECT max(enregistre_le) FROM (SELECT enregistre_le FROM fiches UNION ALL "
            "SELECT enregistre_le FROM decisions)"
        ).fetchone()
        if last:
            asked = max(asked, datetime.fromisoformat(last) + timedelta(microseconds=1))
        return asked.strftime(_MOMENT)

    def _add_sheets(self, rows: Sequence[tuple[_Values, bytes | None, str]], moment: str) -> int:
        current: dict[object, set[str]] = {}
        for signatory, day, content in self._db.execute(
            f"SELECT signataire, date_fiche, contenu_sha256 FROM ({_CURRENT})", _until(None)
        ):
            current.setdefault((signatory, day), set()).add(content)
        brought: dict[object, dict[str, tuple[object, ...]]] = {}
        for values, point, source in rows:
            content = _digest(values)
            row = (point, *values, moment, source, content)
            brought.setdefault(values[:2], {}).setdefault(content, row)
        new = [
            row
            for key, contents in brought.items()
            if current.get(key) != set(contents)
            for row in contents.values()
        ]
        self._db.executemany(_INSERT_SHEET, new)
        return len(new)

    def _add_decisions(self, rows: Sequence[tuple[_Values, str]], moment: str) -> int:
        known = {found for (found,) in self._db.execute("SELECT contenu_sha256 FROM decisions")}
        new = {
            content: (*values, moment, source, content)
            for values, source in rows
            if (content := _digest(values)) not in known
        }
        self._db.executemany(_INSERT_DECISION, new.values())
        return len(new)

    def sheets(self, known_on: date | None = None) -> tuple[Sheet, ...]:
        """Give the sheets as they were known at the end of a day, now by default.

        ``line`` is the row's number. What was recorded last for a signatory and a day corrects
        what was recorded before for them.

        Raises
        ------
        DataError
            If a row is not what was recorded.
        """
        found = self._db.execute(
            f"SELECT fid, enregistre_le, source_sha256, contenu_sha256, "
            f"{', '.join(_SHEET_FIELDS)} FROM ({_CURRENT}) ORDER BY fid",
            _until(known_on),
        )
        return tuple(_sheet(row[0], row[1], row[2], self._whole("fiche", row)) for row in found)

    def decisions(self, known_on: date | None = None) -> tuple[Decision, ...]:
        """Give the decisions recorded by the end of a day, all by default.

        Raises
        ------
        DataError
            If a row is not what was recorded.
        """
        found = self._db.execute(
            "SELECT fid, enregistre_le, source_sha256, contenu_sha256, zone, jour, signataires, "
            "motif FROM decisions WHERE ?1 IS NULL OR enregistre_le < ?1 ORDER BY fid",
            _until(known_on),
        )
        rows = ((row[0], self._whole("décision", row)) for row in found)
        return tuple(
            Decision(
                zone, date.fromisoformat(day), tuple(filter(None, ids.split(";"))), reason, fid
            )
            for fid, (zone, day, ids, reason) in rows
        )

    def _whole(self, what: str, row: Sequence[Any]) -> Sequence[Any]:
        """The values of a row, after checking them against the digest recorded with them."""
        fid, _, _, content, *values = row
        if _digest(values) != content:
            raise damaged(self.path, f"la {what} n° {fid} n'est plus celle qui a été enregistrée")
        return values

    def sources(self, known_on: date | None = None) -> tuple[tuple[str, str, int], ...]:
        """Give each moment of recording, the sha256 of its file, and its number of rows."""
        found = self._db.execute(
            "SELECT enregistre_le, source_sha256, count(*) FROM (SELECT enregistre_le, "
            "source_sha256 FROM fiches UNION ALL SELECT enregistre_le, source_sha256 FROM "
            "decisions) WHERE ?1 IS NULL OR enregistre_le < ?1 GROUP BY 1, 2 ORDER BY 1, 2",
            _until(known_on),
        )
        return tuple(found)


def _until(known_on: date | None) -> tuple[str | None]:
    """The first moment after a civil day in France, as it is recorded."""
    if known_on is None:
        return (None,)
    midnight = datetime.combine(known_on + timedelta(days=1), time(), _PARIS)
    return (midnight.astimezone(UTC).strftime(_MOMENT),)


def sha256_of(path: Path) -> str:
    """Give the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


_CURRENT = (
    "SELECT * FROM (SELECT *, max(enregistre_le) OVER (PARTITION BY signataire, date_fiche) AS "
    "derniere FROM fiches WHERE ?1 IS NULL OR enregistre_le < ?1) WHERE enregistre_le = derniere"
)
_SHEET_FIELDS = (
    "signataire", "date_fiche", "lieu", "specialite", "mode", "installation_prevue", "statut",
    "contrat_signe_le", "demande_le", "commune",
)  # fmt: skip
_INSERT_SHEET = (
    f"INSERT INTO fiches (geom, {', '.join(_SHEET_FIELDS)}, enregistre_le, "
    f"source_sha256, contenu_sha256) VALUES (?, {'?, ' * len(_SHEET_FIELDS)}?, ?, ?)"
)
_INSERT_DECISION = (
    "INSERT INTO decisions (zone, jour, signataires, motif, enregistre_le, "
    "source_sha256, contenu_sha256) VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def _sheet_values(item: Sheet) -> _Values:
    if item.problem or item.sheet_on is None:
        problem = item.problem or f"{item.where} : la fiche n'a pas de jour (date_fiche)"
        raise DataError(f"Rien n'a été ajouté au registre : {problem}. Corrigez le fichier.")
    return (
        item.signatory, item.sheet_on.isoformat(), item.place, item.specialty, item.mode,
        _iso(item.planned_on), item.status, _iso(item.contract_signed_on), _iso(item.applied_on),
        item.commune,
    )  # fmt: skip


def _decision_values(item: Decision) -> _Values:
    return item.zone_code, item.decided_on.isoformat(), ";".join(item.signatories), item.reason


def _digest(values: Sequence[object]) -> str:
    return hashlib.sha256("\x1f".join(str(value or "") for value in values).encode()).hexdigest()


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _sheet(fid: int, moment: str, source: str, values: Sequence[Any]) -> Sheet:
    signatory, day, place, specialty, mode, planned, status, contract, applied, commune = values
    recorded = f"enregistrée le {french_day(paris_day(moment))}"
    return Sheet(
        line=fid,
        signatory=signatory,
        sheet_on=_day(day),
        place=place,
        specialty=specialty,
        mode=mode,
        planned_on=_day(planned),
        status=status,
        contract_signed_on=_day(contract),
        applied_on=_day(applied),
        commune=commune,
        origin=f"fiche n° {fid} du registre, {recorded}, fichier sha256 {source[:16]}…",
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
        lat, lon = float(head), float(tail)
    except ValueError:
        pass
    else:
        return (lon, lat) if abs(lat) <= 90 and abs(lon) <= 180 else None
    try:
        found = communes.find(place, day)
    except CespGeoError:
        return None
    middle = communes.polygon(found.elits).representative_point()
    return middle.x, middle.y
