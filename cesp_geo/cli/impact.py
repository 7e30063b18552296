"""``cesp-geo impact``: whom a new zoning touches, until when they are covered, where else."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import click

from cesp_geo.cli import options
from cesp_geo.cli.conflits import read_follow_up
from cesp_geo.cli.french import Command, counted
from cesp_geo.dates import french_day
from cesp_geo.errors import DateError, TableError
from cesp_geo.outputs.impact_tables import plain, write_impact
from cesp_geo.siting.impact import Impact, impact
from cesp_geo.siting.projects import Project, project_of, projects_from_sheets
from cesp_geo.siting.sheets import SETTLED, WITHDRAWN, Sheet
from cesp_geo.siting.words import VERDICT_WORDS, kilometres
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES


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
def impact_command(
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
    if zoning_id is not None:
        zoning = catalogue.zoning(zoning_id)
        profession, on = zoning.profession, zoning.order.takes_effect.last
    assert on is not None
    sheets = read_follow_up(path, None, known_on, keep_names=keep_names, dated=False).sheets
    if wrong := next((item for item in sheets if item.problem), None):
        raise TableError(wrong.problem)
    projects = _projects(sheets, on, catalogue, profession, known_on)
    with options.working("Examen des projets"):
        rows = impact(
            projects,
            catalogue,
            on,
            profession,
            known_on=known_on,
            region_first=region_first,
            departement_first=departement_first,
        )
    if target:
        write_impact(rows, catalogue, on, profession, target)
    if as_json:
        click.echo(json.dumps([plain(row) for row in rows], ensure_ascii=False, indent=2))
    else:
        _print(rows, on, target)


def _projects(
    sheets: tuple[Sheet, ...],
    on: date,
    catalogue: Catalogue,
    profession: str,
    known_on: date | None,
) -> list[Project]:
    """The open projects as their last sheets say, whether before or after the day of effect.

    A sheet without its day is a project whose seniority is not known.
    """
    dated = [item for item in sheets if item.sheet_on]
    last = max((item.sheet_on for item in dated if item.sheet_on), default=on)
    found = projects_from_sheets(
        dated,
        max(on, last),
        catalogue,
        zone_level="commune",
        profession=profession,
        known_on=known_on,
        unchanged_until=on - timedelta(days=1),
    )
    alone = [_alone(item) for item in sheets if not item.sheet_on]
    told = {item.signatory for item in (*found, *alone)}
    latest = sorted(dated, key=lambda item: (item.sheet_on or date.min, item.line))
    closed = {item.signatory: _alone(item) for item in latest if item.signatory not in told}
    return sorted([*found, *alone, *closed.values()], key=lambda item: item.line)


def _alone(sheet: Sheet) -> Project:
    """A project of one sheet; one that is settled or withdrawn is listed, and not examined."""
    words = {SETTLED: "installé : hors examen", WITHDRAWN: "retiré : hors examen"}
    project = project_of(sheet)
    return replace(project, problem=project.problem or words.get(sheet.status, ""))


def _print(rows: tuple[Impact, ...], on: date, target: Path | None) -> None:
    touched = [row for row in rows if row.touched]
    lost = [row for row in rows if row.problem]
    click.echo(
        click.style(f"Effet le {french_day(on)}", bold=True)
        + f" : {counted(len(rows), 'projet')}, {counted(len(touched), 'touché')}, "
        f"{len(lost)} à vérifier ou hors examen"
    )
    for row in rows:
        if row.problem:
            click.echo(f"  ? {row.project.signatory} ({row.project.where}) : {row.problem}")
        elif row.touched:
            words = f"{VERDICT_WORDS[row.before]} → {VERDICT_WORDS[row.after]}"
            click.echo(
                f"  {row.project.signatory}, {row.place_name} ({row.commune_code}) : {words}"
            )
            if row.covered_until:
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
            for item in row.alternatives:
                click.echo(
                    f"      → {item.name} ({item.code}), {ZONE_CLASSES[item.zone_class]}, "
                    f"{kilometres(item.distance_m)}"
                )
    if target:
        click.echo(f"{target} : {counted(len(rows), 'ligne')}.")
