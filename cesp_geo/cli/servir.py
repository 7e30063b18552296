"""``cesp-geo servir``: the referent's page, on this machine."""

import gc
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from cesp_geo.cli import options
from cesp_geo.cli.french import Command
from cesp_geo.errors import OutputError, system_reason


@click.command(
    "servir",
    cls=Command,
    help="Ouvre la page du référent sur cet ordinateur (Ctrl+C pour arrêter).",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    default=8123,
    show_default=True,
    help="Port d'écoute ; 0 en prend un libre.",
)
@click.option(
    "--hote",
    "host",
    metavar="ADRESSE",
    default="127.0.0.1",
    show_default=True,
    help="Adresse d'écoute ; hors de 127.0.0.1, d'autres ordinateurs peuvent l'interroger.",
)
@click.option(
    "--geocodeur",
    "geocoding",
    is_flag=True,
    help="Permettre d'envoyer une adresse au géocodeur national (transfert de données).",
)
@click.option("--adresse-geocodeur", "address", metavar="URL", help="Autre géocodeur.")
@options.catalogue_option
def servir(port: int, host: str, geocoding: bool, address: str | None, home: Path | None) -> None:
    """Serve the page."""
    if address and not geocoding:
        raise OutputError("--adresse-geocodeur ne sert qu'avec --geocodeur. Ajoutez-le.")
    if address and urlsplit(address).scheme not in ("http", "https"):
        raise OutputError(
            f"--adresse-geocodeur : « {address} » n'est pas une adresse du réseau. Donnez-la "
            "entière, https://… ."
        )
    try:
        from cesp_geo.web.app import make_app
        from cesp_geo.web.geocoder import ADDRESS
        from cesp_geo.web.serving import listen, server
    except ImportError:
        raise OutputError(
            "La page demande des composants de plus : dans le dossier du projet, "
            '« pip install -e ".[web,pdf]" ».'
        ) from None
    # A map or a search drawn in a thread must not keep short answers waiting for the interpreter.
    sys.setswitchinterval(0.0005)
    hosts = ["127.0.0.1", "localhost", "[::1]", host]
    app = make_app(home, hosts, (address or ADDRESS) if geocoding else None)
    try:
        listening = listen(host, port)
    except socket.gaierror:
        raise OutputError(
            f"« {host} » n'est pas une adresse de cet ordinateur. Laissez --hote de côté pour "
            "n'écouter que sur 127.0.0.1."
        ) from None
    except OSError as error:
        raise OutputError(
            f"Le port {port} de {host} ne peut pas être ouvert ({system_reason(error)}). "
            "Choisissez-en un autre avec --port, ou une adresse de cet ordinateur avec --hote."
        ) from None
    shown = f"[{host}]" if ":" in host else host
    # Unlike a command that ends, a server must sift what each answer leaves, little and often.
    gc.freeze()
    gc.set_threshold(100_000)
    click.echo(f"Page ouverte : http://{shown}:{listening.getsockname()[1]}/ (Ctrl+C pour arrêter)")
    server(app).run(sockets=[listening])
