"""``cesp-geo attestation``: a dated statement of the zoning of a place."""

import json
from datetime import date
from pathlib import Path

import click

from cesp_geo.cli import options
from cesp_geo.cli.french import ANSWERED, UNDETERMINED, Command
from cesp_geo.errors import DateError
from cesp_geo.siting.check import check_site
from cesp_geo.siting.place import resolve


@click.command(
    "attestation",
    cls=Command,
    help="Écrit une page A4 (PDF) qui dit le zonage de LIEU un jour donné, ou le jour de la "
    "signature d'un contrat, et à côté le JSON qui permet de la vérifier.",
)
@click.argument("place", metavar="LIEU")
@options.day("--le", "on", text="Jour attesté ; sinon celui du contrat.")
@click.option(
    "--sortie", "target", type=options.FILE, required=True, metavar="FICHIER", help="Page .pdf."
)
@options.profession_option
@options.day("--contrat-signe-le", "contract_signed_on", text="Jour de signature du contrat.")
@options.day("--demande-le", "applied_on", text="Jour de la demande de contrat.")
@options.day("--liste-publiee-le", "list_published_on", text="Jour de publication d'une liste.")
@options.known_option
@options.catalogue_option
@options.json_option
def attestation(
    place: str,
    on: date | None,
    target: Path,
    profession: str,
    contract_signed_on: date | None,
    applied_on: date | None,
    list_published_on: date | None,
    known_on: date | None,
    home: Path | None,
    as_json: bool,
) -> int:
    """Write the page."""
    from cesp_geo.outputs.attestation import write_attestation

    day = on or contract_signed_on
    if day is None:
        raise DateError("Indiquez le jour (--le) ou celui du contrat (--contrat-signe-le).")
    catalogue = options.catalogue(home)
    there = resolve(place, day, catalogue, profession)
    verdict = check_site(
        there,
        on=day,
        profession=profession,
        contract_signed_on=contract_signed_on,
        applied_on=applied_on,
        list_published_on=list_published_on,
        known_on=known_on,
        catalogue=catalogue,
    )
    reference, beside = write_attestation(verdict, there, catalogue, target)
    if as_json:
        plain = {"reference": reference, "sortie": str(target), "verdict": str(beside)}
        click.echo(json.dumps(plain, ensure_ascii=False))
    else:
        click.echo(f"{target} : attestation {reference} ; {beside} permet de la rejouer.")
    return UNDETERMINED if verdict.verdict == "undetermined" else ANSWERED
