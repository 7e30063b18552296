"""Write a result whole or not at all, and never as a formula."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cesp_geo.errors import OutputError, system_reason

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")


@contextmanager
def writing(target: Path) -> Iterator[Path]:
    """Give a temporary path beside a target, and put it in place at the end.

    Parameters
    ----------
    target : pathlib.Path

    Yields
    ------
    pathlib.Path
        Same name, in a folder of its own; nothing is left of it after an error.

    Raises
    ------
    OutputError
        If it cannot be written there, or its folder is a version of a catalogue.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with writing(folder / "liste.csv") as path:
    ...     _ = path.write_text("code")
    >>> [item.name for item in folder.iterdir()]
    ['liste.csv']
    """
    if (target.parent / "datapackage.json").exists():
        raise OutputError(
            f"{target.parent} est un zonage du catalogue, qui ne se modifie pas. Rien n'a été "
            "écrit ; choisissez un autre dossier."
        )
    try:
        draft = Path(tempfile.mkdtemp(prefix=".cesp-geo-", dir=target.parent))
    except OSError as error:
        raise refused(target, error) from None
    try:
        yield draft / target.name
        for item in draft.iterdir():
            os.replace(item, target.parent / item.name)  # noqa: PTH105 - one call replaces
    except OSError as error:
        raise refused(target, error) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def refuse_suffix(target: Path, suffixes: Sequence[str]) -> None:
    """Refuse a target whose extension is none of those that can be written.

    Raises
    ------
    OutputError

    Examples
    --------
    >>> refuse_suffix(Path("liste.doc"), (".csv", ".xlsx"))
    Traceback (most recent call last):
    cesp_geo.errors.OutputError: Extension inconnue : « liste.doc ». Choisissez .csv ou .xlsx.
    """
    if target.suffix.lower() not in suffixes:
        *first, last = suffixes
        known = f"{', '.join(first)} ou {last}" if first else last
        raise OutputError(f"Extension inconnue : « {target.name} ». Choisissez {known}.")


def refuse_inputs(target: Path, *sources: Path | None) -> None:
    """Refuse a target that is one of the files read: it would be lost.

    Raises
    ------
    OutputError
    """
    for source in sources:
        if source and target.exists() and source.exists() and target.samefile(source):
            raise OutputError(
                f"La sortie {target} est aussi un fichier lu, qui serait perdu. Donnez-lui un "
                "autre nom."
            )


def refused(target: Path, error: OSError) -> OutputError:
    """Say that a target cannot be written, and that nothing was."""
    return OutputError(
        f"Impossible d'écrire {target} : {system_reason(error)}. Rien n'a été écrit ; "
        "choisissez un autre chemin."
    )


def neutralise(text: str) -> str:
    """Make a text that a spreadsheet would run as a formula a plain text; numbers stay.

    Examples
    --------
    >>> neutralise("=1+1"), neutralise("Bobigny"), neutralise("-1,68")
    ("'=1+1", 'Bobigny', '-1,68')
    """
    runs = text.startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return f"'{text}" if runs else text
