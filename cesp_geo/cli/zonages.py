"""``cesp-geo zonages``: the catalogue, its versions and its gaps."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from cesp_geo import communes
from cesp_geo.cli import options
from cesp_geo.cli.french import Command, LazyGroup, counted
from cesp_geo.errors import ZoningError
from cesp_geo.zonings.model import REGIMES, ZONE_CLASSES, Zoning
from cesp_geo.zonings.track import Entry

_HERE = "cesp_geo.cli.zonages"


@click.group(
    cls=LazyGroup,
    help="Le catalogue : les zonages chargés, et les arrêtés connus dont le contenu manque.",
    lazy={
        "liste": (f"{_HERE}:listing", "La chronologie par région, avec ses lacunes."),
        "montrer": (f"{_HERE}:show", "Une version : son arrêté, sa portée, ses classes."),
        "importer": (
            "cesp_geo.cli.zonages_import:importer",
            "Fait d'un fichier officiel des versions du catalogue.",
        ),
        "actualiser": (
            "cesp_geo.cli.zonages_refresh:actualiser",
            "Va chercher les tables nationales officielles et les importe.",
        ),
        "controler": (
            "cesp_geo.cli.zonages_import:controler",
            "Vérifie chaque version : empreintes, codes, classes.",
        ),
        "exporter": (f"{_HERE}:export", "Écrit une version en couche de polygones."),
    },
)
def zonages() -> None:
    """Group the commands of the catalogue."""


@click.command("liste", cls=Command, help="Dessine la chronologie des arrêtés de chaque région.")
@click.option("--region", metavar="CODE", help="Code INSEE de la région.")
@options.profession_option
@options.known_option
@options.catalogue_option
@options.json_option
def listing(
    region: str | None, profession: str, known_on: date | None, home: Path | None, as_json: bool
) -> None:
    """Draw the timeline of each region."""
    catalogue = options.catalogue(home)
    names = communes.regions()
    if region and region not in names:
        known = ", ".join(f"{code} {name}" for code, name in names.items())
        raise ZoningError(f"Région inconnue : « {region} ». Codes : {known}.")
    timelines = {
        code: catalogue.timeline(code, profession, known_on)
        for code in ([region] if region else catalogue.regions)
    }
    if as_json:
        plain = {code: [_entry(item) for item in items] for code, items in timelines.items()}
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    for code, entries in timelines.items():
        if not entries:
            if region:
                click.echo(f"{names[code]} ({code}) : aucun arrêté connu pour {profession}.")
            continue
        click.echo(click.style(f"{names.get(code, 'Autres territoires')} ({code})", bold=True))
        for entry in entries:
            click.echo(_line(entry))
    click.echo("\n● contenu chargé   ◐ chargé en partie   ○ lacune : arrêté connu, contenu absent")


def _line(entry: Entry) -> str:
    order = entry.order
    number = f" n° {order.number}" if order.number else ""
    basis = {"effective": "effet", "published": "publié", "signed": "signé"}[order.effect_basis]
    if entry.zoning is None:
        sign, name = "○", "lacune"
    else:
        sign, name = ("◐" if entry.zoning.coverage_note else "●"), entry.zoning.id
    day = entry.effective.iso
    return f"  {sign} {day:<10} ({basis})  {name:<14} {REGIMES[order.regime]}{number}"


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "zoning_id": entry.zoning.id if entry.zoning else None,
        "gap": entry.is_gap,
        "effective_first": entry.effective.first.isoformat(),
        "effective_last": entry.effective.last.isoformat(),
        "effect_basis": entry.order.effect_basis,
        "order_number": entry.order.number,
        "regime": entry.order.regime,
        "confidence": entry.order.confidence,
        "source": entry.order.source,
    }


@click.command("montrer", cls=Command, help="Montre une version du catalogue.")
@click.argument("zoning_id", metavar="ID")
@options.catalogue_option
@options.json_option
def show(zoning_id: str, home: Path | None, as_json: bool) -> None:
    """Show one version."""
    zoning = options.catalogue(home).zoning(zoning_id)
    counts = Counter(item.zone_class for item in zoning.designations)
    if as_json:
        click.echo(json.dumps(_zoning(zoning, counts), ensure_ascii=False, indent=2))
        return
    click.echo(click.style(zoning.title, bold=True))
    for name, value in _facts(zoning):
        click.echo(f"  {name:<12} {value}")
    click.echo("  Classes")
    for zone_class, count in counts.most_common():
        click.echo(f"    {count:>6}  {ZONE_CLASSES[zone_class]}")


def _facts(zoning: Zoning) -> Iterator[tuple[str, str]]:
    order = zoning.order
    yield "Version", f"{zoning.id} ({zoning.version_id})"
    yield "Région", communes.regions().get(zoning.region, zoning.region)
    yield "Profession", zoning.profession
    number = f"n° {order.number}" if order.number else ""
    said = number in order.source
    yield "Arrêté", order.source if said else f"{number} {order.source}".strip()
    for name, day in (
        ("Signé", order.signed),
        ("Publié", order.published),
        ("Effet", order.effective),
    ):
        yield name, str(day) if day else "inconnu"
    yield "Enregistré", zoning.recorded_on.isoformat()
    yield "Millésime", f"COG {zoning.millesime}"
    yield "Portée", "toute la région" if zoning.scope == "region" else "les seules mailles nommées"
    yield "Contenu", zoning.coverage_note or "complet"
    yield "Empreinte", zoning.sha256
    for source in zoning.sources:
        yield "Source", f"{source.title} ({source.licence or 'licence non précisée'})"


def _zoning(zoning: Zoning, counts: Counter[str]) -> dict[str, Any]:
    return {
        "id": zoning.id,
        "version_id": zoning.version_id,
        "title": zoning.title,
        **_entry(Entry(zoning.order, zoning)),
        "region": zoning.region,
        "profession": zoning.profession,
        "recorded_on": zoning.recorded_on.isoformat(),
        "millesime": zoning.millesime,
        "scope": zoning.scope,
        "exhaustive": list(zoning.exhaustive),
        "sha256": zoning.sha256,
        "classes": dict(sorted(counts.items())),
    }


@click.command("exporter", cls=Command, help="Écrit une version en couche de polygones (SIG).")
@click.argument("zoning_id", metavar="ID")
@click.option(
    "--sortie",
    "target",
    type=options.FILE,
    required=True,
    metavar="FICHIER",
    help="Fichier .gpkg, .geojson, .parquet, .fgb, .shp ou .csv.",
)
@options.day("--le", "day", text="Contours des communes de ce jour (par défaut le millésime).")
@click.option("--par", "by", metavar="…", help="Regrouper par classe, tvs ou departement.")
@click.option(
    "--crs",
    type=click.Choice(["4326", "2154"]),
    default="4326",
    show_default=True,
    help="Coordonnées : degrés (4326) ou Lambert-93 (2154).",
)
@options.catalogue_option
def export(
    zoning_id: str, target: Path, day: date | None, by: str | None, crs: str, home: Path | None
) -> None:
    """Write a version as a layer."""
    from cesp_geo.outputs.layers import write_layer

    layer = options.catalogue(home).layer(zoning_id, day, by).to_crs(f"EPSG:{crs}")
    write_layer(layer, target)
    missing = int(layer.geometry.isna().sum())
    without = f", dont {missing} sans contour" if missing else ""
    click.echo(f"{target} : {counted(len(layer), 'zone' if by else 'maille')}{without}.")
