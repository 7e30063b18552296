"""``cesp-geo zonages importer`` and ``controler``: bring a file in, verify what is held."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from pathlib import Path

import click

from cesp_geo import communes
from cesp_geo.cli import options
from cesp_geo.cli.french import BAD_INPUT, Command, counted, grouped
from cesp_geo.dates import DayRange, parse_day_range
from cesp_geo.errors import TableError
from cesp_geo.zonings.control import verify_all
from cesp_geo.zonings.importing import About, prepare, summary
from cesp_geo.zonings.millesimes import known_years
from cesp_geo.zonings.model import REGIMES, ZONE_CLASSES
from cesp_geo.zonings.readers.door import kind_of
from cesp_geo.zonings.readers.layers import KINDS, read_layer
from cesp_geo.zonings.readers.tables import read_table

_COLUMNS = ("code", "classe", "nom", "code_postal", "communes")


@click.command(
    "importer",
    cls=Command,
    help="Lit FICHIER (csv, xlsx, couche SIG), montre ce qui est compris et en fait des versions "
    "du catalogue : une par région qui décide et par arrêté, toutes ou aucune.",
)
@click.argument("path", metavar="FICHIER", type=click.Path(path_type=Path))
@click.option("--colonnes", metavar="code=…,classe=…", help="Noms des colonnes du fichier.")
@click.option("--source", default="", metavar="TEXTE", help="D'où vient le fichier.")
@click.option("--licence", default="", metavar="TEXTE", help="Sous quelle licence.")
@click.option("--lien", "href", default="", metavar="URL", help="Adresse du texte (https://…).")
@click.option("--region", metavar="CODE", help="Région dont l'ARS décide.")
@options.profession_option
@click.option("--arrete", "number", default="", metavar="NUMERO", help="Numéro de l'arrêté.")
@click.option("--signe-le", "signed", metavar="JOUR", help="Jour, mois ou année de signature.")
@click.option("--publie-le", "published", metavar="JOUR", help="Jour de publication.")
@click.option("--effet-le", "effective", metavar="JOUR", help="Jour d'effet.")
@click.option(
    "--fondement",
    "regime",
    type=click.Choice(list(REGIMES)),
    default="arrete-2017",
    show_default=True,
    help="Texte sur lequel l'arrêté est pris.",
)
@click.option("--cog", "millesime", type=int, metavar="ANNEE", help="Millésime des codes.")
@click.option(
    "--crs", metavar="EPSG:…", help="Système de coordonnées d'une couche qui ne le dit pas."
)
@click.option("--modificatif", "amending", is_flag=True, help="Ne régit que ce qu'il nomme.")
@click.option("--complet", "complete", is_flag=True, help="Nomme toutes ses zones.")
@click.option("--rectifie", "corrects", metavar="ID", help="Version que ce fichier corrige.")
@click.option(
    "--malgre-erreurs", "anyway", is_flag=True, help="Laisse de côté les lignes fautives."
)
@click.option("--simuler", "dry", is_flag=True, help="N'écrit rien.")
@options.own_catalogue_option
@options.json_option
def importer(
    path: Path,
    colonnes: str | None,
    source: str,
    licence: str,
    href: str,
    region: str | None,
    profession: str,
    number: str,
    signed: str | None,
    published: str | None,
    effective: str | None,
    regime: str,
    millesime: int | None,
    crs: str | None,
    amending: bool,
    complete: bool,
    corrects: str | None,
    anyway: bool,
    dry: bool,
    home: Path | None,
    as_json: bool,
) -> int:
    """Bring a file into the catalogue."""
    years = known_years()
    if millesime is not None and millesime not in years:
        raise TableError(
            f"Millésime inconnu : {millesime}. Choisissez une année de {years[0]} à {years[-1]}."
        )
    about = About(
        profession=profession,
        region=region,
        number=number,
        signed=_range(signed),
        published=_range(published),
        effective=_range(effective),
        regime=regime,
        source=source or path.name,
        licence=licence,
        href=href,
        millesime=millesime,
        amending=amending,
        complete=complete,
        corrects=corrects,
    )
    catalogue = options.catalogue(home)
    if kind_of(path) in KINDS:
        reading = read_layer(path, _mapping(colonnes), crs)
    else:
        reading = read_table(path, _mapping(colonnes))
    result = prepare(reading, about, date.today(), catalogue.zonings.values(), catalogue.orders)
    report = summary(reading, result)
    if not as_json:
        _print(report)
    refused = bool(result.problems) and not anyway
    if dry:
        catalogue.check(result.drafts)
    added = () if dry or refused else catalogue.add(result.drafts, result.perimeters)
    if as_json:
        click.echo(
            json.dumps(
                {**report, "enregistrees": [item.id for item in added]},
                ensure_ascii=False,
                indent=2,
            )
        )
    if refused:
        raise TableError(
            f"Rien n'a été enregistré ({counted(len(result.problems), 'problème')}) : "
            f"{result.problems[0]} Corrigez, ou ajoutez --malgre-erreurs pour laisser de côté les "
            "lignes fautives."
        )
    if not as_json:
        same = len(result.drafts) - len(added)
        already = f" ({same} déjà dans le catalogue)" if same and not dry else ""
        done = f"{counted(len(added), 'version')}{already}."
        click.echo("Simulation : rien n'est écrit." if dry else done)
        warn(result.warnings)
    return 0


def warn(warnings: Iterable[str]) -> None:
    """Say last, and so that it is seen, what makes answers less sure."""
    for warning in warnings:
        click.echo(click.style(f"ATTENTION : {warning}", fg="red", bold=True))


def _range(text: str | None) -> DayRange | None:
    return parse_day_range(text) if text else None


def _mapping(text: str | None) -> dict[str, str]:
    if not text:
        return {}
    pairs = [part.partition("=") for part in text.split(",")]
    wrong = [key for key, sign, value in pairs if key not in _COLUMNS or not sign or not value]
    if wrong:
        raise TableError(
            f"--colonnes : « {wrong[0]} » n'est pas compris. Écrivez par exemple "
            f"code=INSEE,classe=Zonage ; clés possibles : {', '.join(_COLUMNS)}."
        )
    return {key: value for key, _, value in pairs}


def _print(report: object) -> None:
    assert isinstance(report, dict)
    click.echo(f"Forme : {report['forme']} ; {counted(report['lignes'], 'ligne')}")
    for zone_class, labels in report["classes"].items():
        click.echo(f"  {ZONE_CLASSES.get(zone_class, 'non compris')} : {' ; '.join(labels)}")
    fits = "  ".join(_spans(report["adequation"]))
    click.echo(f"Millésime {report['millesime']} (codes connus : {fits})")
    names = communes.regions()
    for item in report["versions"]:
        region = names.get(item["region"], item["region"])
        click.echo(f"  {item['id']:<44} {region} : {counted(item['mailles'], 'maille')}")
    for note in report["notes"][:20]:
        click.echo(f"  · {note}")
    for problem in report["problemes"][:20]:
        click.echo(f"  ! {problem}")


def _spans(fits: Mapping[int, float]) -> Iterator[str]:
    """The share of each year, years that follow each other with the same one together."""
    for share, years in groupby(fits, key=fits.__getitem__):
        first, *others = years
        until = f"-{others[-1]}" if others else ""
        yield f"{first}{until} {share:.2%}"


@click.command(
    "controler", cls=Command, help="Vérifie chaque version du catalogue ; échoue si une est fausse."
)
@options.catalogue_option
def controler(home: Path | None) -> int:
    """Verify every version."""
    failed = 0
    for report in verify_all(options.catalogue(home)):
        failed += bool(report.faults)
        words = " ; ".join(
            f"{ZONE_CLASSES[name]}, {counted(units, 'maille')}"
            + (f", {grouped(people)} hab." if people else "")
            for name, (units, people) in report.classes.items()
        )
        click.echo(f"{'✘' if report.faults else '✔'} {report.zoning_id} : {words}")
        for fault in report.faults:
            click.echo(f"    {fault}")
    click.echo("Aucune erreur." if not failed else f"{counted(failed, 'version')} en erreur.")
    return BAD_INPUT if failed else 0
