"""``cesp-geo carte …``: maps, each one self-contained file."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cesp_geo.cli import options
from cesp_geo.cli.french import Command, LazyGroup
from cesp_geo.errors import DateError

if TYPE_CHECKING:
    from cesp_geo.outputs.maps import CespMap

_COMMANDS = {
    "zonage": ("cesp_geo.cli.carte:zonage", "Les classes d'un jour."),
    "historique": ("cesp_geo.cli.carte:historique", "Les versions successives."),
    "liste": ("cesp_geo.cli.carte:liste", "La liste nationale d'un jour, par statut."),
    "comparaison": ("cesp_geo.cli.carte:comparaison", "Deux zonages ou deux jours, sous rideau."),
    "conflits": ("cesp_geo.cli.carte:conflits", "Les zones où des projets se font concurrence."),
    "lieu": ("cesp_geo.cli.carte:lieu", "Un lieu, ses voisins, les lieux éligibles proches."),
}


def _page(_: click.Context, __: click.Parameter, target: Path) -> Path:
    from cesp_geo.outputs.maps.page import refuse_name

    refuse_name(target)
    return target


_AREA = options.together(
    click.option("--region", metavar="CODE", help="Code INSEE de la région."),
    click.option("--departement", metavar="CODE", help="Code du département."),
)
_DRAWN = options.together(
    click.option(
        "--sortie",
        "target",
        type=options.FILE,
        required=True,
        callback=_page,
        metavar="FICHIER",
        help="Page .html, qui se suffit à elle-même.",
    ),
    click.option(
        "--fond",
        "tiles",
        type=click.Choice(["ign"]),
        help="Fond de carte demandé au réseau (facultatif).",
    ),
    options.profession_option,
    options.catalogue_option,
)


@click.group("carte", cls=LazyGroup, lazy=_COMMANDS, help="Dessine une carte, en une seule page.")
def carte() -> None:
    """Group the kinds of map."""


def _save(made: "CespMap", target: Path) -> None:
    from cesp_geo.outputs.maps import save_map

    save_map(made, target)
    size = f"{target.stat().st_size / 1e6:.1f}".replace(".", ",")
    click.echo(f"{target} : {size} Mo, à ouvrir dans un navigateur.")


@click.command("zonage", cls=Command, help="Dessine les classes d'un jour.")
@options.day("--le", "on", text="Jour du zonage.", required=True)
@_AREA
@options.known_option
@_DRAWN
def zonage(
    on: date,
    region: str | None,
    departement: str | None,
    target: Path,
    tiles: str | None,
    profession: str,
    known_on: date | None,
    home: Path | None,
) -> None:
    """Draw the classes of a day."""
    from cesp_geo.outputs.maps import zoning_map

    with options.working("Dessin de la carte"):
        made = zoning_map(
            options.catalogue(home),
            on,
            region=region,
            departement=departement,
            profession=profession,
            known_on=known_on,
            tiles=tiles,
        )
        _save(made, target)


@click.command("historique", cls=Command, help="Dessine les versions successives.")
@options.day("--du", "first", text="Premier jour.", required=True)
@options.day("--au", "last", text="Dernier jour.", required=True)
@_AREA
@options.known_option
@_DRAWN
def historique(
    first: date,
    last: date,
    region: str | None,
    departement: str | None,
    target: Path,
    tiles: str | None,
    profession: str,
    known_on: date | None,
    home: Path | None,
) -> None:
    """Draw the versions of a period."""
    from cesp_geo.outputs.maps import history_map

    with options.working("Dessin de la carte"):
        made = history_map(
            options.catalogue(home),
            first,
            last,
            region=region,
            departement=departement,
            profession=profession,
            known_on=known_on,
            tiles=tiles,
        )
        _save(made, target)


@click.command("liste", cls=Command, help="Dessine la liste nationale d'un jour.")
@options.day("--publiee-le", "published_on", text="Jour de la liste.", required=True)
@_AREA
@options.known_option
@_DRAWN
def liste(
    published_on: date,
    region: str | None,
    departement: str | None,
    target: Path,
    tiles: str | None,
    profession: str,
    known_on: date | None,
    home: Path | None,
) -> None:
    """Draw a national list."""
    from cesp_geo.outputs.maps import list_map
    from cesp_geo.siting.national_list import national_list

    catalogue = options.catalogue(home)
    with options.working("Dessin de la carte"):
        listed = national_list(
            catalogue, published_on, profession=profession, known_on=known_on, everything=True
        )
        made = list_map(listed, catalogue, region=region, departement=departement, tiles=tiles)
        _save(made, target)


@click.command(
    "comparaison",
    cls=Command,
    help="Dessine deux côtés, chacun un identifiant de version ou un jour.",
)
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@_AREA
@_DRAWN
def comparaison(
    before: str,
    after: str,
    region: str | None,
    departement: str | None,
    target: Path,
    tiles: str | None,
    profession: str,
    home: Path | None,
) -> None:
    """Draw a comparison."""
    from cesp_geo.cli.comparer import side_of
    from cesp_geo.outputs.maps import comparison_map
    from cesp_geo.siting.comparison import diff_zonings

    catalogue = options.catalogue(home)
    with options.working("Dessin de la carte"):
        first, second = (side_of(text, catalogue, profession, region) for text in (before, after))
        made = comparison_map(
            diff_zonings(first, second),
            catalogue,
            region=region,
            departement=departement,
            tiles=tiles,
        )
        _save(made, target)


@click.command("conflits", cls=Command, help="Dessine les zones en concurrence.")
@click.argument("path", metavar="FICHES", type=click.Path(path_type=Path))
@options.day("--le", "on", text="Jour auquel les projets sont comparés.", required=True)
@click.option("--zone", "level", default="auto", show_default=True, help="Niveau des zones.")
@options.known_option
@_DRAWN
def conflits(
    path: Path,
    on: date,
    level: str,
    target: Path,
    tiles: str | None,
    profession: str,
    known_on: date | None,
    home: Path | None,
) -> None:
    """Draw competing projects."""
    from cesp_geo.cli.conflits import read_follow_up
    from cesp_geo.outputs.maps import conflict_map
    from cesp_geo.siting.conflicts import rank_projects
    from cesp_geo.siting.projects import projects_from_sheets
    from cesp_geo.siting.zones import LEVELS

    if level not in LEVELS:
        raise DateError(f"Niveau inconnu : « {level} ». Choisissez : {', '.join(LEVELS)}.")
    given = read_follow_up(path, None, known_on)
    catalogue = options.catalogue(home)
    with options.working("Dessin de la carte"):
        projects = projects_from_sheets(
            given.sheets,
            on,
            catalogue,
            zone_level=level,
            profession=profession,
            known_on=known_on,
        )
        ranking = rank_projects(projects, on, (), given.decisions)
        made = conflict_map(ranking, projects, catalogue, tiles=tiles)
        _save(made, target)


@click.command("lieu", cls=Command, help="Dessine LIEU, ses voisins et des lieux éligibles.")
@click.argument("place", metavar="LIEU")
@options.day("--le", "on", text="Jour de l'installation.", required=True)
@options.known_option
@_DRAWN
def lieu(
    place: str,
    on: date,
    target: Path,
    tiles: str | None,
    profession: str,
    known_on: date | None,
    home: Path | None,
) -> None:
    """Draw one place."""
    from cesp_geo.outputs.maps import place_map

    with options.working("Dessin de la carte"):
        made = place_map(
            place,
            options.catalogue(home),
            on,
            profession=profession,
            known_on=known_on,
            tiles=tiles,
        )
        _save(made, target)
