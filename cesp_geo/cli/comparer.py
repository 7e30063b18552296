"""``cesp-geo comparer``: what changed between two versions, or two days."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from cesp_geo import communes
from cesp_geo.cli import options
from cesp_geo.cli.french import Command, grouped
from cesp_geo.dates import parse_day
from cesp_geo.errors import DateError, ZoningError
from cesp_geo.outputs.files import refuse_suffix
from cesp_geo.outputs.tables import SUFFIXES, Table, write_tables
from cesp_geo.siting.classification import class_words
from cesp_geo.siting.comparison import (
    CAUSES,
    DIRECTIONS,
    Classification,
    Diff,
    classify,
    classify_day,
    diff_zonings,
)
from cesp_geo.zonings.catalogue import Catalogue

if TYPE_CHECKING:
    import geopandas

NOTHING_CHANGED = 4
_COLUMNS = (
    "code", "nom", "anciennement", "departement", "avant", "apres", "sens", "cause",
    "population", "km2",
)  # fmt: skip


@click.command(
    "comparer",
    cls=Command,
    help="Compare A et B : deux versions du catalogue, ou deux jours (--region pour une seule).",
)
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--region", metavar="CODE", help="Une seule région (entre deux jours).")
@options.profession_option
@click.option(
    "--sortie",
    "target",
    type=options.FILE,
    metavar="FICHIER",
    help="Liste en .csv, .xlsx, .json ou .gpkg.",
)
@click.option("--si-different", "flag", is_flag=True, help="Code de retour 4 si rien n'a changé.")
@options.catalogue_option
@options.json_option
@click.pass_context
def comparer(
    context: click.Context,
    before: str,
    after: str,
    region: str | None,
    profession: str,
    target: Path | None,
    flag: bool,
    home: Path | None,
    as_json: bool,
) -> int:
    """Compare two sides."""
    catalogue = options.catalogue(home)
    if target:
        refuse_suffix(target, (*SUFFIXES, ".gpkg"))
    versions = [catalogue.zoning(text) for text in (before, after) if not _is_day(text)]
    given = context.get_parameter_source("profession") is not ParameterSource.DEFAULT
    if versions and (region or given):
        raise ZoningError(
            "--region et --profession ne valent qu'entre deux jours : une version a les siennes. "
            "Retirez-les."
        )
    if versions:
        profession, region = versions[0].profession, versions[0].region
    first, second = (side_of(text, catalogue, profession, region) for text in (before, after))
    if _is_day(before) and _is_day(after) and first.day > second.day:
        raise DateError(f"{before} est après {after}. Donnez le jour le plus ancien d'abord.")
    with options.working("Comparaison"):
        diff = diff_zonings(first, second)
        if target:
            _write(diff, target)
    partial = [item.id for item in versions if item.scope == "units" and not item.exhaustive]
    if as_json:
        found = {**_plain(diff), "partial": partial}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print(diff, target, partial)
    return NOTHING_CHANGED if flag and not diff.moves else 0


def _is_day(text: str) -> bool:
    return bool(re.fullmatch(r"[\d/.-]{8,10}", text))


def side_of(text: str, catalogue: Catalogue, profession: str, region: str | None) -> Classification:
    """Read a side of a comparison: a day, or the id of a version."""
    names = communes.regions()
    if region is not None and region not in names:
        known = ", ".join(f"{code} {name}" for code, name in names.items())
        raise ZoningError(f"Région inconnue : « {region} ». Codes : {known}.")
    if _is_day(text):
        day: date = parse_day(text)
        return classify_day(catalogue, day, profession, region)
    return classify(catalogue.zoning(text))


def _rows(diff: Diff) -> list[tuple[object, ...]]:
    return [
        (
            unit.code,
            unit.name,
            unit.former,
            unit.departement,
            unit.before or "",
            unit.after or "",
            DIRECTIONS[unit.direction],
            CAUSES[unit.cause],
            unit.population,
            _rounded(unit.area_km2, 2),
        )
        for unit in diff.units()
    ]


def _rounded(area: float | None, digits: int) -> float | None:
    return None if area is None else round(area, digits)


def _plain(diff: Diff) -> dict[str, object]:
    return {
        "before": diff.before.label,
        "after": diff.after.label,
        "unplaced": list(diff.unplaced),
        "matrix": [
            {
                "before": a,
                "after": b,
                "units": number,
                "population": people,
                "area_km2": _rounded(area, 2),
            }
            for (a, b), (number, people, area) in diff.matrix().items()
        ],
        "units": [
            {
                "code": unit.code,
                "name": unit.name,
                "former": unit.former,
                "before": unit.before,
                "after": unit.after,
                "direction": unit.direction,
                "cause": unit.cause,
                "population": unit.population,
                "area_km2": _rounded(unit.area_km2, 2),
            }
            for unit in diff.units()
        ],
    }


def _write(diff: Diff, target: Path) -> None:
    if target.suffix.lower() == ".gpkg":
        from cesp_geo.outputs.layers import write_layer

        write_layer(_layer(diff), target, "changements")
        return
    matrix = [
        (a, b, number, people, _rounded(area, 1))
        for (a, b), (number, people, area) in diff.matrix().items()
    ]
    sheets = {
        "Changements": Table(_COLUMNS, _rows(diff)),
        "Transitions": Table(("avant", "apres", "lieux", "population", "km2"), matrix),
    }
    if diff.unplaced:
        reason = "absent des deux autres feuilles : ses communes ne sont pas connues"
        lines = [(code, reason) for code in diff.unplaced]
        sheets["Non comparés"] = Table(("quartier", "raison"), lines)
    write_tables(target, sheets, _plain(diff))


def _layer(diff: Diff) -> "geopandas.GeoDataFrame":
    """The changed units as polygons; those without a shape are rows without one."""
    import geopandas as gpd

    rows = _rows(diff)
    shapes = [
        communes.polygon(unit.elits) if communes.shapes_of(unit.elits) else None
        for unit in diff.units()
    ]
    columns = {name: [row[index] for row in rows] for index, name in enumerate(_COLUMNS)}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def _words(label: str | None) -> str:
    return "—" if label in (None, "—") else class_words(label)


def _print(diff: Diff, target: Path | None, partial: Sequence[str]) -> None:
    click.echo(click.style(f"{diff.before.label} → {diff.after.label}", bold=True))
    if partial:
        click.echo(
            "  Comparé tel qu'il est écrit, sans ce qu'un arrêté sur quelques mailles laisse en "
            f"place : {', '.join(partial)}. Pour en tenir compte, comparez deux jours."
        )
    if diff.unplaced:
        codes = ", ".join(diff.unplaced)
        click.echo(
            f"  Quartiers non comparés, leurs communes n'étant pas connues : {codes} "
            f"({grouped(len(diff.unplaced))}, hors des comptes)"
        )
    if not diff.moves:
        click.echo("  Rien n'a changé.")
        return
    matrix = {
        (_words(before), _words(after)): counts for (before, after), counts in diff.matrix().items()
    }
    left, right = (max(len(pair[side]) for pair in matrix) for side in (0, 1))
    for (before, after), (number, people, area) in matrix.items():
        inside = "habitants non comptés" if people is None else f"{grouped(people):>11} hab."
        ground = "surface non comptée" if area is None else f"{grouped(area):>8} km²"
        click.echo(
            f"  {before:>{left}} → {after:<{right}} {grouped(number):>7} "
            f"{'lieu' if number == 1 else 'lieux':<5}  {inside}  {ground}"
        )
    units = diff.units()
    for title, counts in (
        ("Sens", Counter(DIRECTIONS[unit.direction] for unit in units)),
        ("Cause", Counter(CAUSES[unit.cause] for unit in units)),
    ):
        words = ", ".join(f"{name} : {grouped(count)}" for name, count in counts.most_common())
        click.echo(f"  {title} : {words}")
    shown = [unit for unit in units if unit.direction in ("gained", "lost")][:15]
    for unit in shown:
        former = f", avant {unit.former}" if unit.former else ""
        click.echo(
            f"    {unit.name} ({unit.code}){former} : {_words(unit.before)} → "
            f"{_words(unit.after)}, "
            f"{DIRECTIONS[unit.direction]}"
        )
    if target:
        click.echo(f"{target} : {grouped(len(units))} {'lieu' if len(units) == 1 else 'lieux'}.")
