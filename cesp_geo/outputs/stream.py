"""Parquet to Parquet of any length: constant memory, several cores, and a restart.

The rows are cut into chunks; each becomes a part, written whole then renamed, in a folder
beside the target that says what it was made from. When every part is there they are joined in
order into the target, by one last rename. A run that is stopped leaves the folder, and the
next one, of the same question, goes on from it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from cesp_geo.errors import OutputError, UnsafeFile, system_reason
from cesp_geo.outputs.files import writing

CHUNK = 250_000


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
class Chunk:
    """Some rows of a file: which batch of which row group."""

    number: int
    group: int
    batch: int
    rows: int


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
        Processes; as many as there are cores by default.

    Returns
    -------
    int
        The number of rows.

    Raises
    ------
    UnsafeFile
        If the source is damaged or ends early.
    OutputError
        If a part or the target cannot be written; the parts done are kept.
    """
    chunks = list(_chunks(source))
    total = sum(chunk.rows for chunk in chunks)
    folder = target.with_name(f".{target.name}.cesp-geo-parts")
    _prepare(folder, source, request)
    done = {chunk.number for chunk in chunks if _part(folder, chunk.number).is_file()}
    finished = sum(chunk.rows for chunk in chunks if chunk.number in done)
    tell = progress or (lambda rows, whole: None)
    tell(finished, total)
    waiting = [chunk for chunk in chunks if chunk.number not in done]
    for chunk in _run(source, folder, request, waiting, workers or os.cpu_count() or 1):
        finished += chunk.rows
        tell(finished, total)
    _join(folder, chunks, source, target)
    shutil.rmtree(folder, ignore_errors=True)
    return total


def _chunks(source: Path) -> Iterator[Chunk]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source) as file:
            groups = [
                file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)
            ]
    except (pa.ArrowException, OSError) as error:
        raise _damaged(source, error) from None
    number = 0
    for group, rows in enumerate(groups):
        for batch, start in enumerate(range(0, rows, CHUNK)):
            yield Chunk(number, group, batch, min(CHUNK, rows - start))
            number += 1


def _prepare(folder: Path, source: Path, request: Request) -> None:
    """Open the folder of parts; one made from something else is emptied."""
    stat = source.stat()
    asked = {key: str(value) for key, value in asdict(request).items()}
    print_of = {
        "source": [source.name, stat.st_size, stat.st_mtime_ns],
        "request": asked,
        "versions": _versions(request),
    }
    text = json.dumps(print_of, sort_keys=True)
    mark = folder / "demande.json"
    try:
        if folder.is_dir() and (not mark.is_file() or mark.read_text(encoding="utf-8") != text):
            shutil.rmtree(folder)
        folder.mkdir(exist_ok=True)
        mark.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"Impossible d'écrire à côté de {folder.name[1:]} ({system_reason(error)}). "
            "Choisissez un autre dossier."
        ) from None


def _versions(request: Request) -> str:
    """What the answers depend on besides the rows: the versions held and the program."""
    from cesp_geo.siting.verdict import program_version
    from cesp_geo.zonings.catalogue import Catalogue

    catalogue = Catalogue.load(Path(request.home) if request.home else None)
    held = sorted(item.sha256 for item in catalogue.zonings.values())
    return hashlib.sha256("\n".join([program_version(), *held]).encode()).hexdigest()


def _part(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.parquet"


def _run(
    source: Path, folder: Path, request: Request, chunks: list[Chunk], workers: int
) -> Iterator[Chunk]:
    """Check chunks in several processes, a few at a time; give each as it is done."""
    if not chunks:
        return
    pool = ProcessPoolExecutor(
        min(workers, len(chunks)), mp_context=get_context("spawn"), initializer=_begin,
        initargs=(request,),
    )  # fmt: skip
    with pool:
        todo = iter(chunks)
        running: dict[Future[None], Chunk] = {}
        try:
            while True:
                while len(running) < 2 * workers and (chunk := next(todo, None)):
                    task = pool.submit(_check, str(source), str(folder), request.on, chunk)
                    running[task] = chunk
                if not running:
                    return
                for task in wait(running, return_when=FIRST_COMPLETED).done:
                    chunk = running.pop(task)
                    task.result()
                    yield chunk
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_checker: Any = None


def _begin(request: Request) -> None:
    """Load, once a process, what every chunk needs."""
    global _checker
    from cesp_geo.siting.sites import Checker
    from cesp_geo.zonings.catalogue import Catalogue

    _checker = Checker(
        profession=request.profession,
        list_published_on=request.list_published_on,
        applied_on=request.applied_on,
        known_on=request.known_on,
        border_distance=request.border_distance,
        catalogue=Catalogue.load(Path(request.home) if request.home else None),
    )


def _check(source: str, folder: str, on: date | None, chunk: Chunk) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source) as file:
            batches = file.iter_batches(batch_size=CHUNK, row_groups=[chunk.group])
            for _ in range(chunk.batch):
                next(batches)
            table = pa.Table.from_batches([next(batches)])
    except (pa.ArrowException, OSError, StopIteration) as error:
        raise _damaged(Path(source), error) from None
    from cesp_geo.siting.sites import added_to

    checked = added_to(table, _checker.columns(_frame(table), on))
    target = _part(Path(folder), chunk.number)
    draft = target.with_suffix(f".{os.getpid()}")
    try:
        pq.write_table(checked, draft, compression="zstd")
        os.replace(draft, target)  # noqa: PTH105 - one call replaces
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OutputError(
            f"Impossible d'écrire une partie du résultat ({system_reason(error)}). Libérez de "
            "la place et relancez : ce qui est fait sera repris."
        ) from None


def _frame(table: Any) -> Any:
    """The rows as a frame; points of GeoParquet as geometries."""
    meta = table.schema.metadata or {}
    if b"geo" in meta:
        import geopandas as gpd

        return gpd.GeoDataFrame.from_arrow(_geoarrow(table, meta))
    return table.to_pandas()


def _geoarrow(table: Any, meta: Mapping[bytes, bytes]) -> Any:
    """Say in the field of the geometry what the file says in its header."""
    import pyarrow as pa

    geo = json.loads(meta[b"geo"])
    name = geo["primary_column"]
    own = {"ARROW:extension:name": "geoarrow.wkb"}
    crs = geo["columns"][name].get("crs", "OGC:CRS84")
    own["ARROW:extension:metadata"] = json.dumps({"crs": crs} if crs else {})
    index = table.schema.get_field_index(name)
    field = pa.field(name, table.schema.field(index).type, metadata=own)
    return table.set_column(index, field, table.column(index))


def _join(folder: Path, chunks: list[Chunk], source: Path, target: Path) -> None:
    """Put the parts together in order; the target is there whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from cesp_geo.siting.sites import added_to

    if chunks:
        schema = pq.read_schema(_part(folder, chunks[0].number))
    else:
        empty = pq.read_table(source)
        _begin(Request(date(2020, 1, 1), "medecin", None, None, None, False, None))
        schema = added_to(empty, _checker.columns(_frame(empty), date(2020, 1, 1))).schema
    with writing(target) as draft, pq.ParquetWriter(draft, schema, compression="zstd") as writer:
        for chunk in chunks:
            try:
                writer.write_table(pq.read_table(_part(folder, chunk.number)))
            except pa.ArrowException as error:
                _part(folder, chunk.number).unlink(missing_ok=True)
                raise OutputError(
                    f"Une partie du résultat est abîmée ({error}). Relancez : elle sera refaite."
                ) from None


def _damaged(source: Path, error: object) -> UnsafeFile:
    reason = str(error).split("\n", 1)[0][:200]
    return UnsafeFile(
        f"Fichier Parquet illisible ou abîmé : {source.name} ({reason}). Redemandez le fichier."
    )
