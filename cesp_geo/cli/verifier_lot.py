"""``cesp-geo verifier-lot``: a file of sites of any size, and the same rows with their answers."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from cesp_geo.cli import options
from cesp_geo.cli.french import Command, counted


@click.command(
    "verifier-lot",
    cls=Command,
    help="Vérifie chaque ligne de SITES (csv, xlsx, Parquet, GeoParquet, GeoPackage, GeoJSON) : "
    "points, codes ou noms. Un fichier Parquet écrit en Parquet peut être de toute taille, et "
    "reprendre après une interruption.",
)
@click.argument("path", metavar="SITES", type=click.Path(path_type=Path))
@options.day("--le", "on", text="Jour des lignes qui n'en ont pas dans une colonne « jour ».")
@click.option(
    "--sortie",
    "target",
    type=options.FILE,
    required=True,
    metavar="FICHIER",
    help="Fichier .csv, .xlsx, .parquet, .gpkg ou .geojson.",
)
@options.day("--liste-publiee-le", "list_published_on", text="Jour d'une liste nationale.")
@options.day("--demande-le", "applied_on", text="Jour de la demande de contrat.")
@click.option("--distance", is_flag=True, help="Aussi la distance à la limite de la commune, en m.")
@options.profession_option
@options.known_option
@options.catalogue_option
@options.json_option
def verifier_lot(
    path: Path,
    on: date | None,
    target: Path,
    list_published_on: date | None,
    applied_on: date | None,
    distance: bool,
    profession: str,
    known_on: date | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Check a file of sites."""
    # Asked to end, it leaves as tidily as on Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from cesp_geo.outputs.files import refuse_inputs
    from cesp_geo.outputs.site_tables import check_target, write_sites
    from cesp_geo.outputs.stream import check_parquet
    from cesp_geo.outputs.stream_worker import Request
    from cesp_geo.siting.check import opening_of
    from cesp_geo.zonings.readers.door import kind_of

    check_target(target)
    opening_of(profession)
    refuse_inputs(target, path)
    is_parquet = kind_of(path, most_bytes=None) == "parquet"
    if is_parquet:
        rows = _refuse_early(path, on)
        check_target(target, rows)
    if is_parquet and target.suffix.lower() == ".parquet":
        request = Request(
            on, profession, list_published_on, applied_on, known_on, distance,
            str(home) if home else None,
        )  # fmt: skip
        with _bar() as progress:
            check_parquet(path, target, request, progress)
    else:
        from cesp_geo.inputs.sites import read_site_table
        from cesp_geo.siting.sites import check_sites

        with options.working("Vérification des sites"):
            sites = read_site_table(path)
            rows = len(sites)
            check_target(target, rows)
            frame = check_sites(
                sites,
                on,
                profession=profession,
                list_published_on=list_published_on,
                applied_on=applied_on,
                known_on=known_on,
                border_distance=distance,
                catalogue=options.catalogue(home),
            )
            write_sites(frame, target)
    if as_json:
        click.echo(json.dumps({"sortie": str(target), "lignes": rows}, ensure_ascii=False))
    else:
        click.echo(f"{target} : {counted(rows, 'ligne')}.")


def _refuse_early(path: Path, on: date | None) -> int:
    """Say at once, and not in a worker, that a column or the day is missing; count the rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from cesp_geo.errors import TableError
    from cesp_geo.siting.site_columns import arrow_columns
    from cesp_geo.zonings.readers.door import damaged_parquet

    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError):
        raise damaged_parquet(path) from None
    if "day" not in arrow_columns(schema) and on is None:
        raise TableError("Le jour manque : donnez-le avec --le, ou dans une colonne « jour ».")
    return int(rows)


@contextmanager
def _bar() -> Iterator["options.Progress | None"]:
    """A bar with the time left, on a terminal."""
    import sys

    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("Vérification des sites"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} lignes, reste"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
