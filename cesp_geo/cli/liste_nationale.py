"""``cesp-geo liste-nationale``: the places that may be on the list of a day."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from cesp_geo import communes
from cesp_geo.cli import options
from cesp_geo.cli.french import Command, counted, grouped
from cesp_geo.dates import french_day
from cesp_geo.errors import TableError
from cesp_geo.siting.eligibility import NOT_ELIGIBLE
from cesp_geo.siting.list_rule import replayed_rule
from cesp_geo.siting.national_list import NationalList, national_list
from cesp_geo.siting.policies import POLICIES, proposed_places
from cesp_geo.siting.proposals import CheckedProposal, check_proposals
from cesp_geo.siting.words import VERDICT_ORDER, VERDICT_WORDS


@click.command(
    "liste-nationale",
    cls=Command,
    help="Écrit les lieux susceptibles d'être inscrits sur la liste nationale, et ceux qui "
    "peuvent y être maintenus.",
)
@options.day("--publiee-le", "published_on", text="Jour de publication de la liste.")
@click.option(
    "--sortie",
    "target",
    type=options.FILE,
    metavar="FICHIER",
    help="Fichier .csv, .xlsx, .gpkg, .parquet ou .geojson.",
)
@click.option(
    "--propositions",
    type=options.FILE,
    metavar="FICHIER",
    help="Propositions des ARS (csv ou xlsx) : place, specialite, mode, postes, etablissement.",
)
@click.option(
    "--modele",
    "template",
    type=options.FILE,
    metavar="FICHIER",
    help="Écrire le modèle xlsx des propositions, et rien d'autre.",
)
@click.option(
    "--liste-precedente",
    "previous",
    type=options.FILE,
    metavar="FICHIER",
    help="Liste antérieure (csv ou xlsx), colonne code.",
)
@click.option(
    "--decisions",
    type=options.FILE,
    metavar="FICHIER",
    help="Maintiens décidés (csv ou xlsx) : code, jour.",
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
@click.option(
    "--politique",
    "policies",
    type=click.Choice(list(POLICIES)),
    multiple=True,
    help="Ce qu'une proposition, qui n'est pas le droit, ajouterait : dans un fichier à part.",
)
@options.known_option
@options.catalogue_option
@options.json_option
def liste_nationale(
    published_on: date | None,
    target: Path | None,
    propositions: Path | None,
    template: Path | None,
    previous: Path | None,
    decisions: Path | None,
    profession: str,
    everything: bool,
    years: int | None,
    window: str | None,
    policies: tuple[str, ...],
    known_on: date | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Draw up the list."""
    from cesp_geo.inputs.lists import PROPOSAL_COLUMNS, read_kept, read_previous, read_proposals
    from cesp_geo.inputs.templates import write_template
    from cesp_geo.outputs.files import refuse_inputs, refuse_suffix
    from cesp_geo.outputs.list_tables import (
        SUFFIXES,
        gaps_of,
        policy_target,
        proposals_beside,
        title_of,
        write_list,
        write_policy,
    )

    if template:
        write_template(template, "Propositions", PROPOSAL_COLUMNS)
        click.echo(f"{template} : modèle des propositions.")
        return
    if published_on is None or target is None:
        raise TableError("Indiquez le jour de la liste (--publiee-le) et le fichier (--sortie).")
    refuse_suffix(target, SUFFIXES)
    beside = [proposals_beside(target)] if propositions else []
    for path in (target, *beside, *(policy_target(target, policy) for policy in policies)):
        refuse_inputs(path, previous, decisions, propositions)
    catalogue = options.catalogue(home)
    kept = read_kept(decisions) if decisions else ()
    proposals = read_proposals(propositions) if propositions else None
    with options.working("Examen des lieux de France"):
        listed = national_list(
            catalogue,
            published_on,
            previous=read_previous(previous) if previous else None,
            decisions=kept,
            profession=profession,
            years=years,
            window=window,
            known_on=known_on,
            everything=everything or bool(policies),
        )
        added = {policy: proposed_places(listed, catalogue, policy) for policy in policies}
        if not everything:
            places = tuple(item for item in listed.places if item.status != NOT_ELIGIBLE)
            listed = replace(listed, places=places)
        checked = (
            None
            if proposals is None
            else check_proposals(
                proposals,
                catalogue,
                published_on,
                kept,
                profession,
                rule=replayed_rule(published_on, years, window),
                known_on=known_on,
            )
        )
        files = write_list(listed, catalogue, target, checked)
        written = {policy: write_policy(listed, added[policy], policy, target) for policy in added}
    title = title_of(listed, checked is not None)
    if as_json:
        click.echo(json.dumps(_plain(listed, checked, title), ensure_ascii=False, indent=2))
    else:
        _print(listed, checked, title, files, list(gaps_of(listed)))
        for policy, path in written.items():
            click.echo(
                f"{path} : {grouped(len(added[policy]))} lieux. {POLICIES[policy]} ; pas le droit."
            )


def _plain(
    listed: NationalList, checked: Sequence[CheckedProposal] | None, title: str
) -> dict[str, object]:
    return {
        "title": title,
        "replayed": list(listed.replayed),
        "published_on": listed.published_on.isoformat(),
        "profession": listed.profession,
        "known_on": listed.known_on.isoformat(),
        "counts": [
            {"region": region, "status": status, "places": number, "population": people}
            for (region, status), (number, people) in listed.counts().items()
        ],
        "missing_orders": list(listed.missing),
        "regions_without_order": list(listed.unordered),
        "communes_without_population": listed.uncounted,
        "remarks": [
            {"table": item.table, "line": item.line, "text": item.text} for item in listed.remarks
        ],
        "proposals": None
        if checked is None
        else [
            {
                "line": item.proposal.line,
                "place": item.proposal.place,
                "code": item.code,
                "status": item.status,
                "carried": item.carried,
                "reason": item.reason,
                "remarks": list(item.remarks),
            }
            for item in checked
        ],
    }


def _print(
    listed: NationalList,
    checked: Sequence[CheckedProposal] | None,
    title: str,
    files: Sequence[Path],
    gaps: Sequence[tuple[str, str]],
) -> None:
    click.echo(click.style(title, bold=True) + f", {french_day(listed.published_on)}")
    counts = listed.counts()
    present = [name for name in VERDICT_ORDER if any(key[1] == name for key in counts)]
    names = communes.regions()
    width = max(28, *(len(VERDICT_WORDS[name]) + 2 for name in present)) if present else 28
    click.echo(f"  {'':<28}" + "".join(f"{VERDICT_WORDS[name]:>{width}}" for name in present))
    for region in dict.fromkeys(key[0] for key in counts):
        cells = ""
        for name in present:
            number, people = counts.get((region, name), (0, None))
            inside = "population inconnue" if people is None else f"{grouped(people)} hab."
            text = f"{grouped(number)} ({inside})" if number else "-"
            cells += f"{text:>{width}}"
        click.echo(f"  {names.get(region, 'Autres territoires'):<28}{cells}")
    if listed.missing:
        click.echo(f"  Arrêtés dont le contenu manque : {', '.join(listed.missing)}")
    for what, words in gaps:
        click.echo(f"  {what} : {words}")
    if checked is not None:
        carried = [item for item in checked if item.carried]
        click.echo(f"  Propositions : {len(checked)}, portées par un zonage : {len(carried)}.")
        for item in checked:
            said = [] if item.carried else [f"{VERDICT_WORDS[item.status].lower()}. {item.reason}"]
            for words in (*said, *item.remarks):
                click.echo(f"    ligne {item.proposal.line}, {_named(item)} : {words}")
    for remark in listed.remarks:
        click.echo(f"  {remark.table}, ligne {remark.line} : {remark.text}")
    target, *beside = files
    places = f"{grouped(len(listed.places))} lieux"
    lines = "" if checked is None else counted(len(checked), "proposition")
    if target.suffix.lower() == ".csv":
        click.echo(f"{target} : {lines or places}.")
    elif beside:
        click.echo(f"{target} : {places}.")
        click.echo(f"{beside[0]} : {lines}.")
    else:
        click.echo(f"{target} : {', '.join(filter(None, (places, lines)))}.")


def _named(item: CheckedProposal) -> str:
    return f"{item.name} ({item.code})" if item.code else item.proposal.place or "—"
