"""``cesp-geo impact``: whom a new zoning touches, until when they are covered, where else."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from cesp_geo.cli import options
from cesp_geo.cli.conflits import read_follow_up
from cesp_geo.cli.french import Command, counted
from cesp_geo.dates import french_day
from cesp_geo.errors import DateError, TableError
from cesp_geo.outputs.tables import Table, write_tables
from cesp_geo.siting.impact import Impact, impact
from cesp_geo.siting.projects import Project, Sheet, project_of, projects_from_sheets
from cesp_geo.siting.words import VERDICT_WORDS, kilometres
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES

_COLUMNS = (
    "ligne", "signataire", "lieu", "commune", "avant", "apres", "classe_avant", "classe_apres",
    "touche", "couvert_jusqu_au", "installation_prevue", "dans_le_delai", "projet_stable", "effet",
    "alternatives", "raison", "a_verifier",
)  # fmt: skip
_YES = {True: "oui", False: "non", None: ""}


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
@click.option("--meme-region", "same_region", is_flag=True, help="Alternatives de la région.")
@click.option("--meme-departement", "same_departement", is_flag=True, help="Du département.")
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
    same_region: bool,
    same_departement: bool,
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
    sheets, _ = read_follow_up(path, None, known_on, keep_names)
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
            same_region=same_region,
            same_departement=same_departement,
        )
    if target:
        _write(rows, target)
    if as_json:
        click.echo(json.dumps([_plain(row) for row in rows], ensure_ascii=False, indent=2))
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
    )
    alone = [project_of(item) for item in sheets if not item.sheet_on]
    return sorted([*found, *alone], key=lambda item: item.line)


def _plain(row: Impact) -> dict[str, Any]:
    project = row.project
    return {
        "ligne": project.line,
        "signataire": project.signatory,
        "lieu": row.place_name or project.place,
        "commune": row.commune_code,
        "avant": row.before,
        "apres": row.after,
        "classe_avant": row.zone_before,
        "classe_apres": row.zone_after,
        "touche": row.touched,
        "couvert_jusqu_au": row.covered_until and row.covered_until.isoformat(),
        "installation_prevue": project.planned_on and project.planned_on.isoformat(),
        "dans_le_delai": row.planned_within,
        "projet_stable": row.stable,
        "effet": row.effect,
        "alternatives": [
            {
                "code": item.code,
                "nom": item.name,
                "classe": item.zone_class,
                "arrete": item.order_id,
                "population": item.population,
                "distance_m": item.distance_m,
            }
            for item in row.alternatives
        ],
        "raison": row.problem,
        "a_verifier": "; ".join(project.flags),
    }


def _write(rows: tuple[Impact, ...], target: Path) -> None:
    plain = [_plain(row) for row in rows]
    cells = [[_cell(value) for value in row.values()] for row in plain]
    write_tables(target, {"Impact": Table(_COLUMNS, cells)}, plain)


def _cell(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return _YES[value]
    if isinstance(value, list):
        return " ; ".join(
            f"{item['nom']} ({item['code']}), {ZONE_CLASSES[item['classe']]}, à "
            f"{kilometres(item['distance_m'])}"
            for item in value
        )
    return VERDICT_WORDS.get(str(value), str(value))


def _print(rows: tuple[Impact, ...], on: date, target: Path | None) -> None:
    touched = [row for row in rows if row.touched]
    lost = [row for row in rows if row.problem]
    click.echo(
        click.style(f"Effet le {french_day(on)}", bold=True)
        + f" : {counted(len(rows), 'projet')}, {counted(len(touched), 'touché')}, "
        f"{len(lost)} à vérifier"
    )
    for row in rows:
        if row.problem:
            click.echo(f"  ? {row.project.signatory} (ligne {row.project.line}) : {row.problem}")
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
