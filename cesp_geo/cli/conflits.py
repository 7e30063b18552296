"""``cesp-geo conflits``: competing projects by zone, by seniority."""

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from cesp_geo.cli import options
from cesp_geo.cli.french import UNDETERMINED, Command, counted, fail
from cesp_geo.dates import french_day
from cesp_geo.errors import DateError, TableError
from cesp_geo.siting.conflicts import OUTCOME_WORDS, Decision, Group, Ranking, rank_projects
from cesp_geo.siting.projects import LONGEST_GAP_MONTHS, projects_from_sheets
from cesp_geo.siting.sheets import Sheet
from cesp_geo.siting.zones import LEVELS


class Months(click.ParamType[int]):
    """A number of months: ``24m``, ``2a`` or ``24``."""

    name = "mois"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read it."""
        found = re.fullmatch(r"(\d{1,3})\s*(m|mois|a|an|ans)?", str(value).strip().lower())
        if not found or not int(found[1]):
            raise DateError(
                f"« {value} » n'est pas une durée. Écrivez par exemple 24m (mois) ou 2a (ans)."
            )
        return int(found[1]) * (12 if (found[2] or "m").startswith("a") else 1)


@click.command(
    "conflits",
    cls=Command,
    help="Range par zone et par ancienneté les projets de FICHES (csv, xlsx, GeoPackage ou "
    "registre) qui se font concurrence.",
)
@click.argument("path", metavar="FICHES", type=click.Path(path_type=Path), required=False)
@options.day("--le", "on", text="Jour auquel les projets sont comparés.")
@click.option(
    "--zone",
    "level",
    type=click.Choice(list(LEVELS)),
    default="auto",
    show_default=True,
    help="Niveau des zones ; auto : l'unité que le zonage en vigueur désigne.",
)
@click.option(
    "--capacites",
    type=options.FILE,
    metavar="FICHIER",
    help="Postes encore ouverts (csv ou xlsx) : zone, specialite, capacite.",
)
@click.option(
    "--decisions",
    type=options.FILE,
    metavar="FICHIER",
    help="Décisions du référent (csv ou xlsx) : zone, jour, signataires, motif.",
)
@click.option("--horizon", type=Months(), metavar="24m", help="Installations prévues d'ici là.")
@click.option(
    "--ecart",
    "longest_gap",
    type=Months(),
    default=LONGEST_GAP_MONTHS,
    show_default=True,
    metavar="18m",
    help="Écart entre deux fiches au-delà duquel le signaler.",
)
@click.option(
    "--sortie", "target", type=options.FILE, metavar="FICHIER", help="Fichier .csv, .xlsx ou .json."
)
@click.option(
    "--carte",
    "map_target",
    type=options.FILE,
    metavar="FICHIER",
    help="Carte .html des zones et des projets (identifiants seulement).",
)
@click.option(
    "--modele",
    "template",
    type=options.FILE,
    metavar="FICHIER",
    help="Écrire le modèle xlsx des fiches, et rien d'autre.",
)
@click.option("--garder-noms", "keep_names", is_flag=True, help="Accepter une colonne de noms.")
@options.profession_option
@options.known_option
@options.catalogue_option
@options.json_option
def conflits(
    path: Path | None,
    on: date | None,
    level: str,
    capacites: Path | None,
    decisions: Path | None,
    horizon: int | None,
    longest_gap: int,
    target: Path | None,
    map_target: Path | None,
    template: Path | None,
    keep_names: bool,
    profession: str,
    known_on: date | None,
    home: Path | None,
    as_json: bool,
) -> int:
    """Rank competing projects."""
    from cesp_geo.inputs.conflicts import read_capacities
    from cesp_geo.inputs.register import sha256_of
    from cesp_geo.inputs.sheets import COLUMNS
    from cesp_geo.inputs.templates import write_template
    from cesp_geo.outputs.conflict_tables import Asked, plain, write_ranking
    from cesp_geo.outputs.files import refuse_inputs

    if template:
        write_template(template, "Fiches de suivi", COLUMNS)
        click.echo(f"{template} : modèle des fiches de suivi.")
        return 0
    if path is None or on is None:
        raise TableError("Indiquez le fichier des fiches et le jour (--le).")
    for written in filter(None, (target, map_target)):
        refuse_inputs(written, path, capacites, decisions)
    catalogue = options.catalogue(home)
    given = read_follow_up(path, decisions, known_on, keep_names=keep_names)
    asked = Asked(
        level,
        profession,
        horizon,
        longest_gap,
        known_on or catalogue.last_recorded,
        tuple((item.name, sha256_of(item)) for item in (path, capacites, decisions) if item),
        given.remarks,
    )
    with options.working("Classement des projets"):
        projects = projects_from_sheets(
            given.sheets,
            on,
            catalogue,
            zone_level=level,
            profession=profession,
            known_on=known_on,
            longest_gap_months=longest_gap,
        )
        capacities = read_capacities(capacites) if capacites else ()
        ranking = rank_projects(projects, on, capacities, given.decisions, horizon)
        if target:
            write_ranking(ranking, target, asked)
        if map_target:
            from cesp_geo.outputs.maps import conflict_map, save_map

            save_map(conflict_map(ranking, projects, catalogue), map_target)
    if as_json:
        click.echo(json.dumps(plain(ranking, asked), ensure_ascii=False, indent=2))
    else:
        _print(ranking, asked.lines(), target)
    nothing = not (ranking.groups or ranking.alone or ranking.beyond)
    return UNDETERMINED if nothing and ranking.undetermined else 0


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Sheets, decisions, and what to know of where they come from, in French."""

    sheets: tuple[Sheet, ...]
    decisions: tuple[Decision, ...]
    remarks: tuple[str, ...] = ()


def read_follow_up(
    path: Path,
    decisions: Path | None,
    known_on: date | None,
    *,
    keep_names: bool = False,
    dated: bool = True,
) -> FollowUp:
    """Read sheets and decisions from their tables, or from a register as known on a day."""
    from cesp_geo.inputs import register
    from cesp_geo.inputs.conflicts import read_decisions
    from cesp_geo.inputs.register_file import is_register
    from cesp_geo.inputs.sheets import read_sheet_table

    decided = read_decisions(decisions) if decisions else ()
    if not is_register(path):
        table = read_sheet_table(path, keep_names=keep_names, dated=dated)
        return FollowUp(table.sheets, decided, table.remarks)
    with register.opened(path) as held:
        if known_on and not held.sources(known_on):
            fail(
                f"{path} : rien n'était enregistré le {french_day(known_on)}. Choisissez un jour "
                "plus tardif (« registre montrer » les donne).",
                UNDETERMINED,
            )
        return FollowUp(held.sheets(known_on), (*held.decisions(known_on), *decided))


def _print(ranking: Ranking, asked: list[str], target: Path | None) -> None:
    click.echo(
        click.style(f"Projets ouverts le {french_day(ranking.on)}", bold=True)
        + f" : {counted(len(ranking.groups), 'conflit')}, "
        f"{counted(len(ranking.alone), 'projet seul')}, "
        f"{counted(len(ranking.undetermined), 'indéterminé')}"
    )
    for line in asked:
        click.echo(f"  {line}")
    for group in ranking.groups:
        _print_group(group)
    if ranking.undetermined:
        click.echo(click.style("Indéterminés", bold=True))
        for item in ranking.undetermined:
            click.echo(f"  ? {item.signatory} ({item.where}) : {item.problem}")
    if ranking.beyond:
        names = ", ".join(item.signatory for item in ranking.beyond)
        click.echo(f"Au-delà de l'horizon : {names}")
    for text in ranking.unused:
        click.echo(f"Sans effet : {text}")
    click.echo(
        "Ce classement prépare une décision, il n'en est pas une : le référent installation décide."
    )
    if target:
        click.echo(f"{target} : {counted(len(ranking.groups), 'conflit')}.")


def _print_group(group: Group) -> None:
    posts = (
        "postes ouverts inconnus"
        if group.capacity is None
        else counted(group.capacity, "poste ouvert")
    )
    click.echo(
        click.style(f"{group.zone.name} ({group.zone.code})", bold=True)
        + f", {group.specialty} : {OUTCOME_WORDS[group.outcome].lower()} ({posts})"
    )
    for item in group.standings:
        click.echo(f"  {item.rank}. {item.project.signatory} : {item.why}")
        for flag in item.project.flags:
            click.echo(f"       ! {flag}")
    for project in group.maybe:
        click.echo(f"  ? {project.signatory} ({project.where}) : {project.problem}")
    for note in group.notes:
        click.echo(f"  ! {note}")
    for decision in group.decisions:
        click.echo(
            f"  Décision du {french_day(decision.decided_on)} : "
            f"{', '.join(decision.signatories)} ({decision.reason})"
        )
