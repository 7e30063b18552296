"""Copies of a register: saved with a checksum, and put back without losing what was there."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cesp_geo.errors import DataError
from cesp_geo.inputs.register import copy_to, opened
from cesp_geo.inputs.register_file import settle
from cesp_geo.outputs.files import writing


@dataclass(frozen=True, slots=True)
class Restored:
    """The sha256 of the copy, and under which name the former register is kept, if any."""

    sha256: str
    kept: Path | None


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
    with opened(path) as held, writing(target) as draft:
        copy_to(held, draft)
        digest = hashlib.sha256(draft.read_bytes()).hexdigest()
        _sums(draft).write_text(f"{digest}  {target.name}\n", encoding="utf-8")
    return digest


def restore(saved: Path, path: Path) -> Restored:
    """Put a saved register in place of another, after checking it against its sha256.

    At every moment the path holds a whole register: the former one, then the copy.

    Parameters
    ----------
    saved, path : pathlib.Path
        The copy, and the register to replace; what was there is kept as ``<path>.avant``, or
        ``.avant-2``, ``.avant-3``… where that name is taken.

    Returns
    -------
    Restored

    Raises
    ------
    DataError
        If the copy or its checksum is missing, or they disagree.
    OutputError
        If the copy cannot be written there; nothing is then replaced.
    """
    try:
        content = saved.read_bytes()
        expected = _sums(saved).read_text(encoding="utf-8").split()[0]
    except (OSError, IndexError):
        raise DataError(
            f"Il manque {saved} ou son empreinte {_sums(saved).name}. Donnez les deux fichiers que "
            "« registre sauver » a écrits."
        ) from None
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected:
        raise DataError(
            f"La sauvegarde {saved} est abîmée : son empreinte n'est pas celle de "
            f"{_sums(saved).name}. Prenez-en une autre. Rien n'a été remplacé."
        )
    with writing(path) as draft:
        draft.write_bytes(content)
        with opened(draft):
            pass
        kept = _set_aside(path) if path.exists() else None
    return Restored(digest, kept)


def _sums(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _set_aside(path: Path) -> Path:
    """Keep a register under a new name with its write-ahead log, which is a part of it.

    The log must not stay beside the path: SQLite would replay it over the file that comes there.
    """
    with contextlib.suppress(DataError, sqlite3.Error):
        settle(path)
    kept = next(name for name in _names(path) if _second_name(path, name))
    for tail in ("-wal", "-shm"):
        old, new = (item.with_name(item.name + tail) for item in (path, kept))
        if old.exists():
            old.rename(new)
    return kept


def _names(path: Path) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.avant")
    yield from (path.with_name(f"{path.name}.avant-{number}") for number in count(2))


def _second_name(path: Path, name: Path) -> bool:
    """Give a file a second name, unless it is taken."""
    try:
        os.link(path, name)
    except FileExistsError:
        return False
    except OSError:
        if name.exists():
            return False
        shutil.copy2(path, name)
    return True
