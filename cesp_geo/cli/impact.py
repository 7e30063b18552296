"""``cesp-geo impact``: whom a new zoning touches, until when they are covered, where else."""

import json
from collections import Counter
from datetime import date
from itertools import groupby
from pathlib import Path

import click
from click.core import ParameterSource

from cesp_geo.cli import options
from cesp_geo.cli.conflits import read_follow_up
from cesp_geo.cli.french import Command, counted
from cesp_geo.dates import french_day
from cesp_geo.errors import DateError, TableError, ZoningError
from cesp_geo.outputs.files import refuse_inputs
from cesp_geo.outputs.impact_tables import in_words, order_of, orders_of, plain, write_impact
from cesp_geo.siting.calendar import without_effect
from cesp_geo.siting.impact import Impact, impact, open_projects
from cesp_geo.siting.words import VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import PROFESSIONS


@click.command(
    "impact",
    cls=Command,
    help="Dit, pour chaque projet de FICHES (csv ou xlsx : signataire, commune ou lon/lat ou qpv, "
    "installation_prevue, contrat_signe_le, date_fiche), ce que fait un zonage.",
)
@click.argument("path", metavar="FICHES", type=click.Path(path_type=Path))
@click.option("--zonage", "zoning_id", metavar="ID", help="Version qui prend effet.")
@options.day("--le", "on", text="Ou le jour d'effet.")
@options.profession_option
@options.known_option
@click.option(
    "--meme-region", "region_first", is_flag=True, help="Alternatives : d'abord la région."
)
@click.option(
    "--meme-departement", "departement_first", is_flag=True, help="D'abord le département."
)
@click.option("--garder-noms", "keep_names", is_flag=True, help="Accepter une colonne de noms.")
@click.option(
    "--sortie", "target", type=options.FILE, metavar="FICHIER", help="Fichier .csv, .xlsx ou .json."
)
@options.catalogue_option
@options.json_option
@click.pass_context
def impact_command(
    context: click.Context,
    path: Path,
    zoning_id: str | None,
    on: date | None,
    profession: str,
    known_on: date | None,
    region_first: bool,
    departement_first: bool,
    keep_names: bool,
    target: Path | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Tell the impact of a zoning."""
    catalogue = options.catalogue(home)
    if (zoning_id is None) == (on is None):
        raise DateError("Indiquez le zonage (--zonage ID) ou le jour (--le), l'un des deux.")
    zoning = catalogue.zoning(zoning_id) if zoning_id is not None else None
    if zoning is not None:
        given = context.get_parameter_source("profession") is not ParameterSource.DEFAULT
        if given and profession != zoning.profession:
            raise ZoningError(
                f"Le zonage {zoning.id} est pour {PROFESSIONS[zoning.profession]}, et --profession "
                f"dit {profession}. Retirez --profession, ou donnez un autre zonage."
            )
        profession, on = zoning.profession, zoning.order.takes_effect.last
    assert on is not None
    if target:
        refuse_inputs(target, path)
    sheets = read_follow_up(path, None, known_on, keep_names=keep_names, dated=False).sheets
    if wrong := next((item for item in sheets if item.problem), None):
        raise TableError(wrong.problem)
    seen_on = known_on or max(date.today(), catalogue.last_recorded)
    projects = open_projects(sheets, on, catalogue, profession, known_on, seen_on)
    with options.working("Examen des projets"):
        rows = impact(
            projects,
            catalogue,
            on,
            profession,
            known_on=known_on,
            seen_on=seen_on,
            zoning_id=zoning.id if zoning else "",
            region_first=region_first,
            departement_first=departement_first,
        )
    silent = without_effect(catalogue, on, profession, known_on)
    if target:
        write_impact(rows, catalogue, on, profession, target, [silent] if silent else [], known_on)
    if silent:
        click.echo(f"{french_day(on)} : {silent}.", err=as_json)
    if as_json:
        click.echo(json.dumps([plain(row) for row in rows], ensure_ascii=False, indent=2))
    else:
        _print(rows, catalogue, on, profession, known_on, target)


def _print(
    rows: tuple[Impact, ...],
    catalogue: Catalogue,
    on: date,
    profession: str,
    known_on: date | None,
    target: Path | None,
) -> None:
    whom = "" if profession == "medecin" else f", {PROFESSIONS[profession]}"
    number = Counter(row.outcome for row in rows)
    click.echo(
        click.style(f"Effet le {french_day(on)}{whom}", bold=True)
        + f" : {counted(len(rows), 'projet')} ({counted(number['touched'], 'touché')}, "
        f"{counted(number['unchanged'], 'inchangé')}, "
        f"{counted(number['undetermined'], 'indéterminé')} ou à vérifier, "
        f"{number['not_examined']} hors examen)"
    )
    for row in rows:
        if row.problem:
            click.echo(f"  ? {row.project.signatory} ({row.project.where}) : {row.problem}")
        elif row.touched is not False or row.checks or row.before != row.after:
            _print_row(row, catalogue, profession, known_on)
    if target:
        click.echo(f"{target} : {counted(len(rows), 'ligne')}.")


def _print_row(row: Impact, catalogue: Catalogue, profession: str, known_on: date | None) -> None:
    code = f" ({row.commune_code})" if row.commune_code else ""
    before, after = VERDICT_WORDS[row.before], VERDICT_WORDS[row.after]
    change = f"{before} → {after}" if before != after else f"inchangé, {after}"
    if row.touched is None:
        change = f"à vérifier, {before} → {after}"
    elif not row.touched and before != after:
        change = f"non touché par ce zonage, {before} → {after}"
    sign = "? " if row.touched is None else ""
    click.echo(f"  {sign}{row.project.signatory}, {row.place_name}{code} : {change}")
    if row.touched:
        click.echo(f"      par {orders_of(row, catalogue, profession, known_on)}")
    elif row.reason and (row.touched is None or before != after):
        click.echo(f"      {row.reason}")
    if row.touched is not False and row.covered_until:
        premise = "si le lieu sort du zonage, " if row.after == "undetermined" else ""
        click.echo(
            f"      {premise}peut être maintenu sur une liste jusqu'au "
            f"{french_day(row.covered_until)}"
        )
    if row.planned_within is not None:
        within = "dans ce délai" if row.planned_within else "après ce délai"
        click.echo(f"      installation prévue {within}")
    if row.effect:
        click.echo(f"      projet stable : {row.effect}")
    for text in row.checks:
        click.echo(f"      ! {text}")
    shown = row.alternatives if row.touched is not False else ()
    for order, items in groupby(shown, key=lambda item: order_of(item, catalogue, profession)):
        click.echo(f"      Lieux éligibles proches, {order} :")
        for item in items:
            click.echo(f"      → {in_words(item)}")
    if row.nearest_doubts and row.touched is not False:
        click.echo(f"      ! {row.nearest_doubts}")
