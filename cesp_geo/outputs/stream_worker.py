"""What one process of a stream does: it walks a stretch of a row group, once, part by part."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cesp_geo.errors import CespGeoError, OutputError, UnsafeFile, system_reason
from cesp_geo.siting.sites import Checker
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.readers.door import damaged_parquet

if TYPE_CHECKING:
    import pyarrow as pa

READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of every row; see :func:`~cesp_geo.siting.sites.check_sites`."""

    on: date | None
    profession: str
    list_published_on: date | None
    applied_on: date | None
    known_on: date | None
    border_distance: bool
    home: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was when the run began."""

    path: Path
    inode: int
    size: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> "Source":
        """Look at a file."""
        stat = path.stat()
        return cls(path, stat.st_ino, stat.st_size, stat.st_mtime_ns)

    def refuse_change(self) -> None:
        """Raise UnsafeFile where the file is not what it was."""
        try:
            same = Source.of(self.path) == self
        except OSError:
            same = False
        if not same:
            raise UnsafeFile(
                f"Le fichier {self.path.name} a changé pendant le travail : rien n'a été écrit. "
                "Relancez quand il ne change plus."
            )


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows that follow each other in a row group, and the file of their answers."""

    path: Path
    group: int
    start: int
    rows: int


def work(parent: Connection, source: Source, request: Request) -> None:
    """Check the parts that the parent sends; leave interruptions to it, and end with it.

    What is sent back is 0 when there is nothing to do, the rows of each part done, or the error
    that stops the work.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with parent, suppress(EOFError, ConnectionError, MemoryError):
        try:
            checker = checker_of(request)
            while True:
                parent.send(0)
                for rows in check_parts(source, request, checker, parent.recv()):
                    parent.send(rows)
        except CespGeoError as error:
            parent.send(error)


def checker_of(request: Request) -> Checker:
    """Load what every part needs."""
    return Checker(
        profession=request.profession,
        list_published_on=request.list_published_on,
        applied_on=request.applied_on,
        known_on=request.known_on,
        border_distance=request.border_distance,
        catalogue=Catalogue.load(Path(request.home) if request.home else None),
    )


def check_parts(
    source: Source, request: Request, checker: Checker, parts: list[Part]
) -> Iterator[int]:
    """Check parts of one row group, in order; give the rows of each one done."""
    for part, table in _tables(source, parts):
        source.refuse_change()
        _write(checker.table(table, request.on), part)
        yield part.rows


def _tables(source: Source, parts: list[Part]) -> "Iterator[tuple[Part, pa.Table]]":
    """Give the rows of each part; those between are read and left."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    waiting = iter(parts)
    part: Part | None = next(waiting)
    held: list[Any] = []
    at = 0
    try:
        with pq.ParquetFile(source.path, pre_buffer=False, buffer_size=READ_BYTES) as file:
            size = max(part.rows for part in parts)
            for batch in file.iter_batches(size, row_groups=[parts[0].group]):
                end = at + len(batch)
                while part and part.start < end:
                    start, last = max(part.start, at), min(part.start + part.rows, end)
                    held.append(batch.slice(start - at, last - start))
                    if last < part.start + part.rows:
                        break
                    yield part, pa.Table.from_batches(held)
                    held, part = [], next(waiting, None)
                if part is None:
                    return
                at = end
    except (pa.ArrowException, OSError):
        source.refuse_change()
        raise damaged_parquet(source.path) from None
    raise damaged_parquet(source.path)


def _write(table: "pa.Table", part: Part) -> None:
    """Write a part whole, on the disk before it has its name."""
    import pyarrow.parquet as pq

    draft = part.path.with_suffix(f".{os.getpid()}")
    try:
        with draft.open("wb") as file:
            pq.write_table(table, file, compression="zstd", write_page_checksum=True)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, part.path)  # noqa: PTH105 - one call replaces
    except OSError as error:
        raise OutputError(
            f"Impossible d'écrire une partie du résultat ({system_reason(error)}). Libérez de "
            "la place et relancez : ce qui est fait sera repris."
        ) from None
    finally:
        draft.unlink(missing_ok=True)
