"""The file of a register: made once, recognised even damaged, opened without changing it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cesp_geo.errors import DataError, OutputError, system_reason
from cesp_geo.inputs.register_schema import MARKS, SCHEMA, VERSION
from cesp_geo.outputs.files import writing

_WAIT_S = 60
_REASONS = {
    "SQLITE_NOTADB": "ce n'est pas une base de données",
    "SQLITE_CORRUPT": "son contenu est abîmé",
    "SQLITE_BUSY": "un autre programme l'emploie",
    "SQLITE_LOCKED": "un autre programme l'emploie",
    "SQLITE_READONLY": "il est en lecture seule",
    "SQLITE_CANTOPEN": "accès refusé",
    "SQLITE_FULL": "le disque est plein",
    "SQLITE_IOERR": "le disque répond mal",
}
_MARKED_BYTES = 1 << 18
_MEND = "Rendez la dernière sauvegarde avec « cesp-geo registre restaurer »."


def is_register(path: Path) -> bool:
    """Say whether a file is a register, whole or damaged, by what is written at its head."""
    try:
        with path.open("rb") as file:
            head = file.read(_MARKED_BYTES)
    except OSError:
        return False
    return any(mark in head for mark in MARKS)


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
    with writing(path) as draft:
        with closing(sqlite3.connect(draft)) as db:
            db.executescript(SCHEMA)
        _place_if_absent(draft, path)


def _place_if_absent(draft: Path, path: Path) -> None:
    """Give a draft its name, unless another process made that file meanwhile."""
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError:  # a disk without hard links
        try:
            with path.open("xb") as file:
                file.write(draft.read_bytes())
        except FileExistsError:
            pass
    draft.unlink()


@contextmanager
def connected(path: Path, *, writable: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the file of a register, after checking that it is whole.

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
    try:
        if not path.is_file():
            raise DataError(f"Registre introuvable : {path}. Vérifiez le chemin.")
        if not is_register(path):
            raise DataError(
                f"{path} n'est pas un registre, ou son début est abîmé. Un registre est un "
                f"GeoPackage que « cesp-geo registre ajouter » a fait. {_MEND}"
            )
        db = _connect(path, "rw") if writable else _reading(path)
    except (sqlite3.OperationalError, OSError) as error:
        raise DataError(
            f"Registre inaccessible : {path} ({_reason(error)}). Vérifiez les droits d'accès "
            "au fichier et à son dossier."
        ) from None
    except sqlite3.Error as error:
        raise damaged(path, _reason(error)) from None
    with closing(db):
        _check(db, path)
        try:
            yield db
        except sqlite3.DatabaseError as error:
            raise damaged(path, _reason(error)) from None


def _reading(path: Path) -> sqlite3.Connection:
    """Open without writing anything, even on a medium where nothing can be written."""
    try:
        return _connect(path, "ro")
    except sqlite3.OperationalError as error:
        log = path.with_name(f"{path.name}-wal")
        busy = error.sqlite_errorname.startswith("SQLITE_BUSY")
        if busy or (log.exists() and log.stat().st_size):
            raise
        return _connect(path, "ro&immutable=1")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=_WAIT_S, isolation_level=None
    )
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if mode == "rw":
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        db.close()
        raise
    return db


def settle(path: Path) -> None:
    """Bring what the write-ahead log holds into the file itself."""
    with closing(_connect(path, "rw")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _check(db: sqlite3.Connection, path: Path) -> None:
    try:
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise damaged(path, _reason(error)) from None
    if found != "ok":
        raise damaged(path, _REASONS["SQLITE_CORRUPT"])
    if not {"fiches", "decisions", "registre"} <= names:
        raise DataError(
            f"{path} n'est pas un registre de fiches. Créez-en un avec « cesp-geo registre "
            "ajouter »."
        )
    (version,) = db.execute("SELECT max(version) FROM registre").fetchone()
    if version != VERSION:
        raise DataError(
            f"{path} est un registre de version {version}, ce programme lit la version {VERSION} : "
            "employez la version du programme qui l'a écrit, ou ajoutez ses fichiers d'origine à "
            "un nouveau registre."
        )


def damaged(path: Path, why: str) -> DataError:
    """Make the error that says how to recover a register."""
    return DataError(f"Registre abîmé : {path} ({why}). {_MEND}")


def _reason(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        return system_reason(error)
    name = getattr(error, "sqlite_errorname", "")
    known = (why for start, why in _REASONS.items() if name.startswith(start))
    return next(known, f"erreur {name or 'de SQLite'}")
