"""``cesp-geo zonages actualiser``: fetch, import, and tell what changed."""

from datetime import date
from pathlib import Path

import click

from cesp_geo.cli import options
from cesp_geo.cli.french import Command
from cesp_geo.cli.zonages_import import warn
from cesp_geo.errors import TableError
from cesp_geo.siting.comparison import classify_day, diff_zonings
from cesp_geo.zonings.importing import About, prepare
from cesp_geo.zonings.readers.tables import read_table
from cesp_geo.zonings.refresh import API, current_resources, fetch


@click.command(
    "actualiser",
    cls=Command,
    help="Cherche les tables nationales DataSanté sur data.gouv.fr, garde les originaux datés, "
    "les importe et dit ce qui a changé.",
)
@click.option("--api", default=API, show_default=True, metavar="ADRESSE", help="Catalogue.")
@options.own_catalogue_option
def actualiser(api: str, home: Path | None) -> None:
    """Refresh the catalogue from the official tables."""
    from rich.console import Console
    from rich.progress import Progress

    from cesp_geo.zonings.store import user_home

    catalogue = options.catalogue(home)
    today = date.today()
    before = classify_day(catalogue, today)
    originals = user_home(home) / "originaux"
    added = 0
    warnings: list[str] = []
    with Progress(console=Console(stderr=True), transient=True) as bar:
        for resource in current_resources(api):
            task = bar.add_task(f"Table {resource.kind}", total=None)
            path = fetch(
                resource,
                originals,
                lambda held, total, task=task: bar.update(task, completed=held, total=total),  # type: ignore[misc]
            )
            reading = read_table(path)
            result = prepare(reading, About(source=resource.url), today, catalogue.zonings.values())
            if result.problems:
                raise TableError(
                    f"{path.name} : {len(result.problems)} lignes incomprises, rien n'est "
                    f"importé ; la première : {result.problems[0]}"
                )
            added += len(catalogue.add(result.drafts))
            warnings += result.warnings
    warn(warnings)
    if not added:
        click.echo("Rien de nouveau.")
        return
    plural = "s" if added > 1 else ""
    click.echo(f"{added} version{plural} nouvelle{plural}. Originaux : {originals}")
    units = diff_zonings(before, classify_day(catalogue, today)).units()
    for unit in units[:40]:
        old, new = unit.before or "non couvert", unit.after or "non couvert"
        click.echo(f"  {unit.name} ({unit.code}) : {old} → {new}")
    if len(units) > 40:
        click.echo(f"  … et {len(units) - 40} autres.")
