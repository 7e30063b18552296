"""Parquet to Parquet of any length: constant memory, several cores, and a restart.

The rows are cut into parts; each is written whole then renamed, in a folder beside the target
that belongs to one run at a time. When every part is there they are joined in order into the
target, by one last rename. A run that is stopped leaves the folder, and the next one, of the
same question on the same file, goes on from it.
"""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from itertools import groupby
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cesp_geo.errors import OutputError, system_reason
from cesp_geo.outputs.files import refused
from cesp_geo.outputs.stream_worker import (
    READ_BYTES,
    Part,
    Request,
    Source,
    check_parts,
    checker_of,
    work,
)
from cesp_geo.zonings.readers.door import damaged_parquet

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

MOST_ROWS = 250_000
"""Rows of a part, at most; fewer where they are wide."""
_MOST_BYTES = 32_000_000
_SAMPLE = 2_000
_SECONDS = 0.5
_FEW = 500_000
"""Rows up to which several processes, which have to start first, are no faster than one."""


def check_parquet(
    source: Path,
    target: Path,
    request: Request,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
) -> int:
    """Check every row of a Parquet file into another, of the same rows in the same order.

    Parameters
    ----------
    source, target : pathlib.Path
    request : Request
    progress : callable, optional
        Called with the number of rows done and of all rows.
    workers : int, optional
        Processes; by default as many as there are cores, or this one alone for few rows.

    Returns
    -------
    int
        The number of rows.

    Raises
    ------
    UnsafeFile
        If the source is damaged, ends early, or changes meanwhile.
    OutputError
        If a part or the target cannot be written, or another run writes it; the parts done
        are kept.
    """
    seen = Source.of(source)
    with _own_folder(target) as whole:
        folder = _prepare(whole, seen, request)
        parts = list(_parts(source, folder))
        total = sum(part.rows for part in parts)
        tell = progress or (lambda rows, all_rows: None)
        waiting = [part for part in parts if not _is_done(part)]
        left = sum(part.rows for part in waiting)
        done = total - left
        tell(done, total)
        if workers is None:
            workers = 1 if left <= _FEW else os.cpu_count() or 1
        with closing(_run(seen, request, waiting, workers)) as running:
            for rows in running:
                done += rows
                tell(done, total)
        seen.refuse_change()
        _join(parts, seen, request, folder / "résultat", target)
        shutil.rmtree(whole, ignore_errors=True)
    return total


@contextmanager
def _own_folder(target: Path) -> Iterator[Path]:
    """Give the folder of parts, locked against another run where the system can."""
    folder = target.with_name(f".{target.name}.cesp-geo-parts")
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / "verrou").open("w")
    except OSError as error:
        raise OutputError(
            f"Impossible d'écrire à côté de {target.name} ({system_reason(error)}). "
            "Choisissez un autre dossier."
        ) from None
    with lock:
        if not _locked(lock):
            raise OutputError(
                f"Une autre exécution écrit déjà ce fichier : {target.name}. Attendez sa fin, ou "
                "changez --sortie."
            )
        yield folder


def _locked(lock: Any) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A run that ended meanwhile took the folder away.
        return os.fstat(lock.fileno()).st_ino == Path(lock.name).stat().st_ino
    except OSError:
        return False


def _prepare(whole: Path, source: Source, request: Request) -> Path:
    """Give the folder of the parts of one question on one file; nothing else is left there."""
    of_file = (source.inode, source.size, source.changed_ns)
    asked = [of_file, asdict(request), _versions(request)]
    text = json.dumps(asked, default=str)
    folder = whole / hashlib.sha256(text.encode()).hexdigest()[:16]
    folder.mkdir(exist_ok=True)
    for item in [*whole.iterdir(), *folder.iterdir()]:
        if item.is_dir() and item != folder:
            shutil.rmtree(item)
        elif item.parent == folder and item.suffix != ".parquet":
            item.unlink()
    return folder


def _versions(request: Request) -> list[str]:
    """What the answers depend on besides the rows: the versions held and the program."""
    from cesp_geo.siting.verdict import program_version
    from cesp_geo.zonings.catalogue import Catalogue

    catalogue = Catalogue.load(Path(request.home) if request.home else None)
    return [program_version(), *sorted(item.sha256 for item in catalogue.zonings.values())]


def _parts(source: Path, folder: Path) -> Iterator[Part]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source, pre_buffer=False, buffer_size=READ_BYTES) as file:
            most = _rows_at_a_time(file)
            groups = [
                file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)
            ]
    except (pa.ArrowException, OSError):
        raise damaged_parquet(source) from None
    number = 0
    for group, rows in enumerate(groups):
        for start in range(0, rows, most):
            path = folder / f"{number:06d}.parquet"
            yield Part(path, group, start, min(most, rows - start))
            number += 1


def _rows_at_a_time(file: "pq.ParquetFile") -> int:
    """Rows whose values fit in some memory, by what the file says of itself and its first rows."""
    if not file.metadata.num_rows:
        return MOST_ROWS
    groups = (file.metadata.row_group(index) for index in range(file.num_row_groups))
    said = max(group.total_byte_size / group.num_rows for group in groups if group.num_rows)
    first = next(file.iter_batches(_SAMPLE))
    width = max(said, first.nbytes / len(first), 1)
    return max(1, min(MOST_ROWS, int(_MOST_BYTES / width)))


def _is_done(part: Part) -> bool:
    """Whether a part is whole; one that is not is taken away."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if pq.read_metadata(part.path).num_rows == part.rows:
            return True
    except FileNotFoundError:
        return False
    except (pa.ArrowException, OSError):
        pass
    part.path.unlink()
    return False


def _stretches(parts: list[Part], workers: int) -> Iterator[list[Part]]:
    """Share out parts: each row group is walked by as many processes as there are, at most."""
    for _, found in groupby(parts, lambda part: part.group):
        of_group = list(found)
        each = -(-len(of_group) // workers)
        for start in range(0, len(of_group), each):
            yield of_group[start : start + each]


def _run(
    source: Source, request: Request, parts: list[Part], workers: int
) -> Generator[int, None, None]:
    """Check parts, in several processes or here; give the rows of each one done."""
    stretches = _stretches(parts, workers)
    if workers > 1:
        yield from _share(source, request, list(stretches), workers)
    elif parts:
        checker = checker_of(request)
        for stretch in stretches:
            yield from check_parts(source, request, checker, stretch)


def _share(
    source: Source, request: Request, stretches: list[list[Part]], workers: int
) -> Generator[int, None, None]:
    """Give a stretch to each process, and another when it is done.

    They share no lock, which one that is killed would keep: each has a connection, and ends
    when that does.
    """
    waiting = iter(stretches)
    context = get_context("spawn")
    team = []
    busy: set[Connection] = set()
    try:
        with _interruptions_held():
            for _ in range(min(workers, len(stretches))):
                ours, theirs = context.Pipe()
                busy.add(ours)
                with theirs:
                    process = context.Process(target=work, args=(theirs, source, request))
                    process.start()
                team.append(process)
        while busy:
            for ours in busy.intersection(wait(busy, _SECONDS)):
                said = ours.recv()
                if isinstance(said, Exception):
                    raise said
                if said:
                    yield said
                elif stretch := next(waiting, None):
                    ours.send(stretch)
                else:
                    busy.remove(ours)
                    ours.close()
    except (EOFError, ConnectionError):
        raise OutputError(
            "Un processus de travail a été arrêté, sans doute faute de mémoire. Relancez la "
            "même commande : ce qui est fait sera repris."
        ) from None
    finally:
        for ours in busy:
            ours.close()
        for process in team:
            process.join()


@contextmanager
def _interruptions_held() -> Iterator[None]:
    """Keep Ctrl-C from processes that are being started: it is for the parent alone."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _join(parts: list[Part], source: Source, request: Request, draft: Path, target: Path) -> None:
    """Put the parts together in order; the target is there whole or not at all."""
    import pyarrow.parquet as pq

    batches = _batches(parts) if parts else _nothing(source, request)
    first = next(batches)
    try:
        with pq.ParquetWriter(draft, first.schema, compression="zstd") as writer:
            writer.write_table(first)
            for table in batches:
                writer.write_table(table)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, target)  # noqa: PTH105 - one call replaces
    except OSError as error:
        raise refused(target, error) from None
    finally:
        draft.unlink(missing_ok=True)


def _batches(parts: Iterable[Part]) -> "Iterator[pa.Table]":
    """Read the parts one after the other; a damaged one is taken away."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for part in parts:
        try:
            table = pq.read_table(part.path, page_checksum_verification=True)
        except (pa.ArrowException, OSError):
            table = None
        if table is None or len(table) != part.rows:
            part.path.unlink(missing_ok=True)
            raise OutputError(
                "Une partie du résultat est abîmée. Relancez la même commande : elle sera refaite."
            )
        yield table


def _nothing(source: Source, request: Request) -> "Iterator[pa.Table]":
    """The columns of a file without rows."""
    import pyarrow.parquet as pq

    yield checker_of(request).table(pq.read_table(source.path), request.on)
