"""The commands and where each one lives."""

import atexit
import gc

import click

from cesp_geo.cli.french import LazyGroup, run

COMMANDS = {
    "verifier": (
        "cesp_geo.cli.verifier:verifier",
        "Ce lieu compte-t-il, ce jour-là ?",
    ),
    "verifier-lot": (
        "cesp_geo.cli.verifier_lot:verifier_lot",
        "La même question, pour un fichier de sites de toute taille.",
    ),
    "liste-nationale": (
        "cesp_geo.cli.liste_nationale:liste_nationale",
        "Les lieux susceptibles d'être inscrits sur la liste, ou maintenus.",
    ),
    "comparer": (
        "cesp_geo.cli.comparer:comparer",
        "Ce qui a changé entre deux zonages, ou entre deux jours.",
    ),
    "impact": (
        "cesp_geo.cli.impact:impact_command",
        "Les projets qu'un zonage touche, leur délai et les lieux de rechange.",
    ),
    "conflits": (
        "cesp_geo.cli.conflits:conflits",
        "Les projets concurrents, par zone et par ancienneté.",
    ),
    "registre": (
        "cesp_geo.cli.registre:registre",
        "Les fiches et les décisions gardées dans un seul fichier.",
    ),
    "carte": ("cesp_geo.cli.carte:carte", "Des cartes, chacune en une seule page."),
    "servir": ("cesp_geo.cli.servir:servir", "La page du référent, sur cet ordinateur."),
    "attestation": (
        "cesp_geo.cli.attestation:attestation",
        "Une page qui dit le zonage d'un lieu, un jour donné.",
    ),
    "rejouer": (
        "cesp_geo.cli.rejouer:rejouer",
        "Recalcule un verdict et dit s'il tient encore.",
    ),
    "historique": (
        "cesp_geo.cli.historique:historique",
        "Toutes les classes d'un lieu, avec les arrêtés et les lacunes.",
    ),
    "zonages": ("cesp_geo.cli.zonages:zonages", "Le catalogue des zonages et ses lacunes."),
}


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from cesp_geo.siting.verdict import program_version

        click.echo(f"cesp-geo {program_version()}")
        context.exit()


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Les zonages des ARS pour les signataires du CESP : ce lieu compte-t-il, ce jour-là, et "
    "pourquoi.\n\nCode de retour : 0 répondu, 2 entrée à corriger, 3 indéterminé, "
    "4 changé (rejouer) ou rien de changé (comparer --si-different), 1 panne.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Affiche la version.",
)
def group() -> None:
    """Group every command."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the process by default.
    """
    # What a command reads lives until it ends, and then all goes at once: sifting it would be a
    # fifth of a national map or list.
    gc.set_threshold(1_000_000)
    atexit.register(gc.freeze)
    run(group, arguments)
