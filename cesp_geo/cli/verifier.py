"""``cesp-geo verifier``: one place, one day, the verdict and its reasoning."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from textwrap import wrap

import click

from cesp_geo.cli import options
from cesp_geo.cli.french import ANSWERED, UNDETERMINED, Command
from cesp_geo.dates import french_day
from cesp_geo.siting.check import PURPOSES, check_site
from cesp_geo.siting.place import other_readings_words
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import CONFIDENCE_WORDS, POSSIBLE_WORDS, VERDICT_WORDS
from cesp_geo.zonings.model import ZONE_CLASSES

_SIGNS = {
    "eligible": "✔",
    "maintained": "✔",
    "may_be_maintained": "~",
    "not_eligible": "✘",
    "undetermined": "?",
}
_COLOURS = {
    "eligible": "green",
    "maintained": "green",
    "may_be_maintained": "yellow",
    "not_eligible": "red",
    "undetermined": "magenta",
}


@click.command(
    cls=Command,
    help="Dit si LIEU compte pour un signataire le jour de l'installation, et pourquoi.\n\n"
    "LIEU : un code INSEE, un nom (« Saint-Denis (974) » s'il se répète), un code postal et un "
    "nom, « latitude,longitude », ou le code d'un QPV.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("place", metavar="LIEU")
@options.day("--le", "on", text="Jour de l'installation.", required=True)
@options.profession_option
@click.option("--specialite", "specialty", metavar="NOM", help="Spécialité, pour mémoire.")
@click.option(
    "--objet",
    "purpose",
    type=click.Choice(list(PURPOSES)),
    default="installation",
    show_default=True,
    help="Ce qui est projeté.",
)
@options.day("--contrat-signe-le", "contract_signed_on", text="Jour de signature du contrat.")
@options.day("--demande-le", "applied_on", text="Jour de la demande de contrat.")
@options.day("--liste-publiee-le", "list_published_on", text="Jour de publication d'une liste.")
@options.known_option
@options.catalogue_option
@options.json_option
def verifier(
    place: str,
    on: date,
    profession: str,
    specialty: str | None,
    purpose: str,
    contract_signed_on: date | None,
    applied_on: date | None,
    list_published_on: date | None,
    known_on: date | None,
    home: Path | None,
    as_json: bool,
) -> int:
    """Check one site."""
    if place.startswith("--"):
        raise click.NoSuchOption(place)
    verdict = check_site(
        place,
        on=on,
        profession=profession,
        specialty=specialty,
        purpose=purpose,
        contract_signed_on=contract_signed_on,
        applied_on=applied_on,
        list_published_on=list_published_on,
        known_on=known_on,
        catalogue=options.catalogue(home),
    )
    reading = _paragraph(other_readings_words(place, on))
    if as_json:
        for line in reading:
            click.echo(line.strip(), err=True)
        click.echo(json.dumps(verdict.to_json(), ensure_ascii=False, indent=2))
    else:
        sign, colour = _SIGNS[verdict.verdict], _COLOURS[verdict.verdict]
        title = f"{sign} {VERDICT_WORDS[verdict.verdict].upper()}"
        click.echo(click.style(title, fg=colour, bold=True) + _headline(verdict))
        for line in reading:
            click.echo(line)
        for line in _body(verdict):
            click.echo(line)
    return UNDETERMINED if verdict.verdict == "undetermined" else ANSWERED


def _headline(verdict: Verdict) -> str:
    place = verdict.place
    name = place["unit_name"]
    if place["lat"] is not None:
        name = f"{place['lat']},{place['lon']} ({place['on_day_name']})"
    return f"  {name}, {french_day(verdict.inputs['on'])}"


def _body(verdict: Verdict) -> Iterator[str]:
    if len(verdict.possible) > 1:
        words = [POSSIBLE_WORDS[item] for item in verdict.possible]
        yield f"  Réponses possibles : {', '.join(words)}"
    yield ""
    yield from _paragraph(verdict.explanation)
    yield ""
    if verdict.zone_class:
        label = f", « {verdict.zone_label} »" if verdict.zone_label else ""
        yield f"  Classe          {ZONE_CLASSES[verdict.zone_class]}{label}"
    if verdict.zoning_id:
        yield f"  Zonage          {verdict.zoning_id}"
    if verdict.last_eligible_day:
        yield f"  Dernier jour d'éligibilité connu   {french_day(verdict.last_eligible_day)}"
    if verdict.maintainable_until:
        yield "  Maintien possible sur une liste publiée jusqu'au   " + french_day(
            verdict.maintainable_until
        )
    yield "  Droit appliqué"
    for item in verdict.law:
        yield from _paragraph(f"- {item.title}.", 4)
        yield from _paragraph(f"{item.reference} ({CONFIDENCE_WORDS[item.confidence]})", 6)
        if item.href:
            yield f"      {item.href}"
    if verdict.would_change:
        yield "  Ce qui changerait la réponse"
        for text in verdict.would_change:
            yield from _paragraph(f"- {text}", 4)
    if verdict.regional_conditions:
        yield "  À vérifier avec l'ARS"
        for item in verdict.regional_conditions:
            yield from _paragraph(f"- {item.title}.", 4)
    yield "  Hypothèses"
    for text in verdict.assumptions:
        yield from _paragraph(f"- {text}", 4)


def _paragraph(text: str, indent: int = 2) -> list[str]:
    """Break a text into lines, never before the signs that French sets apart by a space."""
    kept = re.sub(r"(?<=«) | (?=[;:!?»])", "\N{NO-BREAK SPACE}", text)
    lines = wrap(
        kept,
        96,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + (2 if text.startswith("- ") else 0)),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]
