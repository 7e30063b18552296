"""``cesp-geo rejouer``: does a verdict of another day still hold."""

import json
from datetime import date
from pathlib import Path

import click

from cesp_geo.cli import options
from cesp_geo.cli.french import Command
from cesp_geo.errors import UnsafeFile, system_reason
from cesp_geo.siting.replay import IDENTICAL, OUTCOMES, replay
from cesp_geo.siting.words import VERDICT_WORDS

CHANGED = 4
_MOST_BYTES = 2_000_000


@click.command(
    "rejouer",
    cls=Command,
    help="Recalcule le verdict de FICHIER (json) avec ses propres jours, et dit s'il tient "
    "encore. Code de retour : 0 identique, 4 quelque chose a changé.",
)
@click.argument("path", metavar="FICHIER", type=options.FILE)
@click.option(
    "--reference",
    "printed",
    metavar="CESP-…",
    help="Référence imprimée sur l'attestation : FICHIER est-il bien le sien ?",
)
@options.known_option
@options.catalogue_option
@options.json_option
def rejouer(
    path: Path, printed: str | None, known_on: date | None, home: Path | None, as_json: bool
) -> int:
    """Replay a verdict."""
    found = replay(read_verdict(path), options.catalogue(home), known_on)
    matches = printed is None or printed.strip().upper() == found.reference
    if as_json:
        plain = {
            "outcome": found.outcome,
            "changes": list(found.changes),
            "reference": found.reference,
            "reference_matches": None if printed is None else matches,
            "verdict": found.verdict.to_json(),
        }
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        outcome = OUTCOMES[found.outcome]
        first = outcome if matches else "La référence diffère"
        click.echo(click.style(first, bold=True) + f"  {found.reference}")
        if not matches:
            click.echo(
                f"  Ce fichier n'est pas celui de l'attestation : sa référence est "
                f"{found.reference}, et non {printed}."
            )
            click.echo(f"  Le fichier lui-même, recalculé : {outcome[0].lower()}{outcome[1:]}.")
        for change in found.changes:
            click.echo(f"  {change}")
        click.echo(f"  Verdict recalculé : {VERDICT_WORDS[found.verdict.verdict].lower()}")
    return 0 if found.outcome == IDENTICAL and matches else CHANGED


def read_verdict(path: Path) -> object:
    """Read the JSON of a verdict, of a bounded size.

    Raises
    ------
    UnsafeFile
        If it is missing, too long, or no JSON.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnsafeFile(f"{path.name} est trop long pour un verdict. Vérifiez le fichier.")
        found: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnsafeFile(f"Fichier illisible : {path} ({system_reason(error)}).") from None
    except (ValueError, RecursionError):
        raise UnsafeFile(
            f"{path.name} n'est pas du JSON. Donnez le fichier qu'a écrit « verifier --json » ou "
            "« attestation »."
        ) from None
    return found
