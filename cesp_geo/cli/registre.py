"""``cesp-geo registre``: sheets and decisions kept in one file, append-only."""

import json
from datetime import date
from pathlib import Path

import click

from cesp_geo.cli import options
from cesp_geo.cli.french import Command, LazyGroup, counted
from cesp_geo.dates import french_day
from cesp_geo.errors import TableError

_COMMANDS = {
    "ajouter": ("cesp_geo.cli.registre:ajouter", "Ajouter des fiches et des décisions."),
    "montrer": ("cesp_geo.cli.registre:montrer", "Ce que le registre contient, et d'où."),
    "sauver": ("cesp_geo.cli.registre:sauver", "Copier le registre avec son empreinte."),
    "restaurer": ("cesp_geo.cli.registre:restaurer", "Remettre une sauvegarde en place."),
}
_REGISTER = click.argument("path", metavar="REGISTRE", type=options.FILE)


@click.group(
    "registre",
    cls=LazyGroup,
    lazy=_COMMANDS,
    help="Un registre des fiches et des décisions : un GeoPackage, en ajout seul.",
)
def registre() -> None:
    """Group the commands of the register."""


@click.command(
    "ajouter", cls=Command, help="Ajoute à REGISTRE (créé au besoin) ce qui n'y est pas."
)
@_REGISTER
@click.argument("sheets_path", metavar="[FICHES]", type=options.FILE, required=False)
@click.option("--decisions", type=options.FILE, metavar="FICHIER", help="Table des décisions.")
@click.option("--garder-noms", "keep_names", is_flag=True, help="Accepter une colonne de noms.")
@options.json_option
def ajouter(
    path: Path,
    sheets_path: Path | None,
    decisions: Path | None,
    keep_names: bool,
    as_json: bool,
) -> None:
    """Add what is not there yet."""
    from cesp_geo.inputs import register
    from cesp_geo.inputs.conflicts import read_decisions
    from cesp_geo.inputs.register_file import create
    from cesp_geo.inputs.sheets import SheetTable, read_sheet_table

    if sheets_path is None and decisions is None:
        raise TableError("Indiquez un fichier de fiches, ou de décisions (--decisions).")
    table = read_sheet_table(sheets_path, keep_names=keep_names) if sheets_path else SheetTable(())
    decided = read_decisions(decisions) if decisions else ()
    create(path)
    imports = []
    if sheets_path:
        imports.append(register.Import(sheets_path, sheets=table.sheets))
    if decisions:
        imports.append(register.Import(decisions, decisions=decided))
    with options.working("Enregistrement"), register.opened(path, writable=True) as held:
        found = held.add(*imports)
    if as_json:
        plain = {
            "fiches": found.sheets,
            "decisions": found.decisions,
            "deja_connues": found.known,
            "remarques": list(table.remarks),
        }
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    for remark in table.remarks:
        click.echo(remark)
    click.echo(
        f"{path} : {counted(found.sheets, 'fiche')} et "
        f"{counted(found.decisions, 'décision')} de plus, "
        f"{counted(found.known, 'ligne')} déjà au registre."
    )


@click.command("montrer", cls=Command, help="Montre ce que REGISTRE contient.")
@_REGISTER
@options.known_option
@options.json_option
def montrer(path: Path, known_on: date | None, as_json: bool) -> None:
    """Show what a register holds."""
    from cesp_geo.inputs import register

    with register.opened(path) as held:
        sheets, decisions = held.sheets(known_on), held.decisions(known_on)
        sources = held.sources(known_on)
    days = sorted(item.sheet_on for item in sheets if item.sheet_on)
    plain = {
        "fiches": len(sheets),
        "signataires": len({item.signatory for item in sheets}),
        "premiere_fiche": days[0].isoformat() if days else None,
        "derniere_fiche": days[-1].isoformat() if days else None,
        "decisions": len(decisions),
        "enregistrements": [
            {"enregistre_le": moment, "sha256": digest, "lignes": number}
            for moment, digest, number in sources
        ],
    }
    if as_json:
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{path} : {counted(len(sheets), 'fiche')}, "
        f"{counted(len({item.signatory for item in sheets}), 'signataire')}, "
        f"{counted(len(decisions), 'décision')}."
    )
    for moment, digest, number in sources:
        day = french_day(register.paris_day(moment))
        click.echo(f"  {day} : {counted(number, 'ligne')}, fichier sha256 {digest[:16]}…")


@click.command("sauver", cls=Command, help="Copie REGISTRE vers COPIE, avec son empreinte.")
@_REGISTER
@click.argument("target", metavar="COPIE", type=options.FILE)
def sauver(path: Path, target: Path) -> None:
    """Save a copy."""
    from cesp_geo.inputs.register_copies import save
    from cesp_geo.outputs.files import refuse_inputs

    refuse_inputs(target, path)
    digest = save(path, target)
    click.echo(f"{target} : copie vérifiée, sha256 {digest} (aussi dans {target.name}.sha256).")


@click.command("restaurer", cls=Command, help="Remet COPIE à la place de REGISTRE.")
@click.argument("saved", metavar="COPIE", type=options.FILE)
@_REGISTER
def restaurer(saved: Path, path: Path) -> None:
    """Restore a copy."""
    from cesp_geo.inputs.register_copies import restore

    found = restore(saved, path)
    kept = f" ; l'ancien fichier est gardé : {found.kept.name}" if found.kept else ""
    click.echo(f"{path} : restauré, sha256 {found.sha256}{kept}.")
