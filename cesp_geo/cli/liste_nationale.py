"""``cesp-geo liste-nationale``: the places that may be on the list of a day."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from cesp_geo import communes
from cesp_geo.cli import options
from cesp_geo.cli.french import Command
from cesp_geo.dates import french_day, parse_day
from cesp_geo.errors import DateError, TableError
from cesp_geo.siting.national_list import NationalList, national_list
from cesp_geo.siting.words import VERDICT_ORDER, VERDICT_WORDS


@click.command(
    "liste-nationale",
    cls=Command,
    help="Écrit les lieux susceptibles d'être inscrits sur la liste nationale, et ceux qui "
    "peuvent y être maintenus.",
)
@options.day("--publiee-le", "published_on", text="Jour de publication de la liste.", required=True)
@click.option(
    "--sortie",
    "target",
    type=options.FILE,
    required=True,
    metavar="FICHIER",
    help="Fichier .csv, .xlsx, .gpkg, .parquet ou .geojson.",
)
@click.option(
    "--liste-precedente",
    "previous",
    type=options.FILE,
    metavar="FICHIER",
    help="Table csv d'une liste antérieure, colonne code.",
)
@click.option(
    "--decisions",
    type=options.FILE,
    metavar="FICHIER",
    help="Table csv des maintiens décidés : code, jour.",
)
@options.profession_option
@click.option("--tout", "everything", is_flag=True, help="Aussi les lieux non éligibles.")
@click.option("--duree", "years", type=click.IntRange(1, 20), metavar="ANS", help="Autre durée.")
@click.option(
    "--fenetre",
    "window",
    type=click.Choice(["any", "throughout"]),
    help="Un jour de la fenêtre (any) ou toute la fenêtre (throughout).",
)
@options.known_option
@options.catalogue_option
@options.json_option
def liste_nationale(
    published_on: date,
    target: Path,
    previous: Path | None,
    decisions: Path | None,
    profession: str,
    everything: bool,
    years: int | None,
    window: str | None,
    known_on: date | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Draw up the list."""
    from cesp_geo.outputs.list_tables import write_list

    catalogue = options.catalogue(home)
    listed = national_list(
        catalogue,
        published_on,
        previous=[row["code"] for row in _rows(previous, {"code"})] if previous else None,
        decisions=list(_kept(decisions, published_on)) if decisions else None,
        profession=profession,
        years=years,
        window=window,
        known_on=known_on,
        everything=everything,
    )
    write_list(listed, catalogue, target)
    if as_json:
        click.echo(json.dumps(_plain(listed), ensure_ascii=False, indent=2))
    else:
        _print(listed, target)


def _rows(path: Path, wanted: set[str]) -> list[dict[str, str]]:
    """Read a small table that a person keeps; its first row names the columns."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"{path} illisible ({error}). Enregistrez-le en csv UTF-8.") from None
    delimiter = ";" if text.split("\n", 1)[0].count(";") else ","
    rows = list(csv.DictReader(text.splitlines(), delimiter=delimiter))
    missing = wanted - set(rows[0] if rows else ())
    if missing:
        raise TableError(
            f"{path.name} : il manque la colonne {', '.join(sorted(missing))} à la première ligne."
        )
    return rows


def _kept(path: Path, published_on: date) -> Iterator[str]:
    for line, row in enumerate(_rows(path, {"code", "jour"}), start=2):
        try:
            day = parse_day(row["jour"] or "")
        except DateError as error:
            raise TableError(f"{path.name}, ligne {line} : {error}") from None
        if day <= published_on:
            yield row["code"]


def _plain(listed: NationalList) -> dict[str, object]:
    return {
        "title": listed.title,
        "published_on": listed.published_on.isoformat(),
        "profession": listed.profession,
        "known_on": listed.known_on.isoformat(),
        "counts": [
            {"region": region, "status": status, "places": number, "population": people}
            for (region, status), (number, people) in listed.counts().items()
        ],
        "missing_orders": list(listed.missing),
    }


def _print(listed: NationalList, target: Path) -> None:
    click.echo(click.style(listed.title, bold=True) + f", {french_day(listed.published_on)}")
    counts = listed.counts()
    present = [name for name in VERDICT_ORDER if any(key[1] == name for key in counts)]
    names = communes.regions()
    click.echo(f"  {'':<28}" + "".join(f"{VERDICT_WORDS[name][:26]:>28}" for name in present))
    for region in dict.fromkeys(key[0] for key in counts):
        cells = ""
        for name in present:
            number, people = counts.get((region, name), (0, 0))
            text = f"{number} ({people} hab.)" if number else "-"
            cells += f"{text:>28}"
        click.echo(f"  {names.get(region, 'Autres territoires'):<28}{cells}")
    if listed.missing:
        click.echo(f"  Arrêtés dont le contenu manque : {', '.join(listed.missing)}")
    click.echo(f"{target} : {len(listed.places)} lieux.")
