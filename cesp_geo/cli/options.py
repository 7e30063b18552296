"""Options that several commands share."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import click

from cesp_geo.dates import parse_day
from cesp_geo.errors import ZoningError
from cesp_geo.zonings.catalogue import Catalogue


class Day(click.ParamType[date]):
    """A civil day as a person types it."""

    name = "jour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day; a wrong one is the library's French error."""
        return value if isinstance(value, date) else parse_day(value)


DAY = Day()
FILE = click.Path(path_type=Path, dir_okay=False)

Progress = Callable[[int, int], None]
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def day(*names: str, text: str, required: bool = False) -> Decorator:
    """An option that takes a day."""
    return click.option(*names, type=DAY, metavar="JOUR", required=required, help=text)


def together(*options: Decorator) -> Decorator:
    """Several options as one, in their order."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _existing(_: click.Context, __: click.Parameter, folder: Path | None) -> Path | None:
    if folder is not None and not folder.is_dir():
        raise ZoningError(
            f"--catalogue : le dossier {folder} n'existe pas. Vérifiez le chemin ; « zonages "
            "importer » crée un catalogue."
        )
    return folder


def _catalogue_option(**how: Any) -> Decorator:
    return click.option(
        "--catalogue",
        "home",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DOSSIER",
        help="Dossier de vos zonages (sinon CESP_GEO_HOME, sinon celui du système).",
        **how,
    )


catalogue_option = _catalogue_option(callback=_existing)
own_catalogue_option = _catalogue_option()
"""For what records: it makes the folder at need."""

json_option = click.option("--json", "as_json", is_flag=True, help="Réponse en JSON.")
profession_option = click.option(
    "--profession",
    default="medecin",
    show_default=True,
    metavar="PROFESSION",
    help="medecin, chirurgien-dentiste, sage-femme ou pharmacien.",
)
known_option = day("--connu-le", "known_on", text="Répondre avec ce qui était enregistré ce jour.")


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show on a terminal that a long work goes on, and for how long; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(text, total=None)
        yield


@cache
def catalogue(home: Path | None) -> Catalogue:
    """The catalogue of a command line."""
    return Catalogue.load(home)
