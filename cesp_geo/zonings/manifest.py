"""A version on disk: a Frictionless data package that is written once and never edited.

``datapackage.json`` carries what the order is; ``designations.csv`` (and ``perimeters.gpkg``
where the version brings polygons) what it designates. Every resource carries its sha256.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from cesp_geo.dates import parse_day
from cesp_geo.errors import DataError, system_reason
from cesp_geo.zonings.model import Designation, Order, Source, Zoning
from cesp_geo.zonings.tables import (
    DESIGNATION_COLUMNS,
    day_from_json,
    day_to_json,
    designations_from_csv,
    designations_to_csv,
)

MANIFEST = "datapackage.json"
_TABLE = "designations.csv"
_PERIMETERS = "perimeters.gpkg"
_SPECIFICATION = "https://specs.frictionlessdata.io/data-package/"


def make_zoning(
    *,
    order: Order,
    title: str,
    millesime: int,
    scope: str,
    designations: Sequence[Designation],
    departements: Sequence[str],
    recorded_on: date,
    exhaustive: Sequence[str] = (),
    coverage_note: str = "",
    as_of: date | None = None,
    corrects: str | None = None,
    sources: Sequence[Source] = (),
    perimeters: bytes | None = None,
    short_name: str | None = None,
) -> Zoning:
    """Make a version from its content; nothing is written yet.

    Parameters are those of :class:`~cesp_geo.zonings.model.Zoning`; ``perimeters`` are the
    bytes of a GeoPackage (layer ``perimeters``: ``unit_type``, ``unit_code``, in EPSG:4326).
    The hash covers what the order rules and designates, not when it was recorded: the same
    content imported twice is the same version.

    Returns
    -------
    Zoning
    """
    table = designations_to_csv(designations)
    law = {
        "order": _order_to_json(order),
        "millesime": millesime,
        "scope": scope,
        "exhaustive": sorted(exhaustive),
        "as_of": as_of and as_of.isoformat(),
        "corrects": corrects,
    }
    digest = hashlib.sha256(json.dumps(law, sort_keys=True, ensure_ascii=False).encode())
    digest.update(table)
    if perimeters:
        digest.update(perimeters)
    sha256 = digest.hexdigest()
    version_id = "-".join(
        (
            order.region or "00",
            order.profession,
            order.takes_effect.first.isoformat(),
            sha256[:8],
        )
    )
    items = tuple(designations)
    return Zoning(
        id=short_name or version_id,
        version_id=version_id,
        title=title,
        order=order,
        millesime=millesime,
        scope=scope,
        recorded_on=recorded_on,
        sha256=sha256,
        departements=tuple(sorted(departements)),
        read_designations=lambda: items,
        exhaustive=tuple(sorted(exhaustive)),
        coverage_note=coverage_note,
        as_of=as_of,
        corrects=corrects,
        sources=tuple(sources),
    )


def write_zoning(zoning: Zoning, home: Path, perimeters: bytes | None = None) -> Path:
    """Write a version as the folder ``home/<id>``, whole or not at all.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    home.mkdir(parents=True, exist_ok=True)
    target = home / zoning.id
    draft = Path(tempfile.mkdtemp(prefix=".brouillon-", dir=home))
    try:
        (draft / _TABLE).write_bytes(designations_to_csv(zoning.designations))
        if perimeters:
            (draft / _PERIMETERS).write_bytes(perimeters)
        text = json.dumps(_to_json(zoning, draft), ensure_ascii=False, indent=2)
        (draft / MANIFEST).write_text(text + "\n", encoding="utf-8")
        draft.chmod(0o755)
        os.rename(draft, target)  # noqa: PTH104 - Path.rename would replace an empty folder too
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def read_zoning(folder: Path) -> Zoning:
    """Read a version's manifest; its table is read, and checked, at first use.

    Raises
    ------
    DataError
        If the manifest is missing, unreadable or incomplete.
    """
    path = folder / MANIFEST
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
        own = package["cesp"]
        hashes = {item["path"]: item["hash"] for item in package["resources"]}
        order = Order(
            **{
                **own["order"],
                **{key: day_from_json(own["order"][key]) for key in _ORDER_DAYS},
            }
        )
        zoning = Zoning(
            id=package["name"],
            version_id=own["version_id"],
            title=package["title"],
            order=order,
            millesime=own["millesime"],
            scope=own["scope"],
            recorded_on=parse_day(own["recorded_on"]),
            sha256=own["sha256"],
            departements=tuple(own["departements"]),
            read_designations=lambda: _read_table(folder, hashes),
            exhaustive=tuple(own["exhaustive"]),
            coverage_note=own["coverage_note"],
            as_of=parse_day(own["as_of"]) if own["as_of"] else None,
            corrects=own["corrects"],
            sources=tuple(Source(**item) for item in own["sources"]),
            folder=folder,
        )
    except OSError as error:
        raise DataError(
            f"Zonage illisible : {path} ({system_reason(error)}). Réinstallez le programme ou "
            "réimportez ce zonage."
        ) from None
    except (KeyError, TypeError, ValueError, UnicodeDecodeError) as error:
        raise DataError(
            f"Manifeste abîmé : {path} ({error}). Réinstallez le programme ou réimportez ce zonage."
        ) from None
    return zoning


def verify_zoning(zoning: Zoning) -> None:
    """Check every resource of a stored version against its sha256, then read its table.

    Raises
    ------
    DataError
        If a file is missing or was edited.
    """
    assert zoning.folder is not None
    package = json.loads((zoning.folder / MANIFEST).read_text(encoding="utf-8"))
    for item in package["resources"]:
        checked_bytes(zoning.folder / item["path"], item["hash"])
    perimeters = zoning.perimeters_path
    fresh = make_zoning(
        order=zoning.order,
        title=zoning.title,
        millesime=zoning.millesime,
        scope=zoning.scope,
        designations=zoning.designations,
        departements=zoning.departements,
        recorded_on=zoning.recorded_on,
        exhaustive=zoning.exhaustive,
        as_of=zoning.as_of,
        corrects=zoning.corrects,
        perimeters=perimeters.read_bytes() if perimeters else None,
    )
    if fresh.sha256 != zoning.sha256:
        raise DataError(
            f"{zoning.folder / MANIFEST} a été modifié : son contenu ne correspond plus à son "
            "empreinte. Un zonage ne se modifie pas : réimportez-le, au besoin comme "
            "version rectificative."
        )


def checked_bytes(path: Path, expected: str) -> bytes:
    """Read a file whose sha256 must be ``expected``; raise DataError otherwise."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"Fichier de données illisible : {path} ({system_reason(error)}). Réinstallez le "
            "programme ou réimportez ce zonage."
        ) from None
    if hashlib.sha256(content).hexdigest() != expected.removeprefix("sha256:"):
        raise DataError(
            f"Fichier de données modifié ou abîmé : {path} (empreinte différente de celle "
            "du manifeste). Réinstallez le programme ou réimportez ce zonage."
        )
    return content


_ORDER_DAYS = ("signed", "published", "effective")


def _read_table(folder: Path, hashes: dict[str, str]) -> tuple[Designation, ...]:
    path = folder / _TABLE
    return designations_from_csv(checked_bytes(path, hashes.get(_TABLE, "")), str(path))


def _order_to_json(order: Order) -> dict[str, Any]:
    plain = asdict(replace(order, signed=None, published=None, effective=None))
    return {**plain, **{key: day_to_json(getattr(order, key)) for key in _ORDER_DAYS}}


def _to_json(zoning: Zoning, folder: Path) -> dict[str, Any]:
    resources: list[dict[str, Any]] = []
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        resources.append(
            {
                "name": path.stem,
                "path": path.name,
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            }
        )
        if path.name == _TABLE:
            resources[-1] |= {
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": {
                    "fields": [{"name": name, "type": "string"} for name in DESIGNATION_COLUMNS]
                },
            }
    return {
        "$schema": _SPECIFICATION,
        "name": zoning.id,
        "title": zoning.title,
        "profile": "data-package",
        "sources": [{"title": item.title, "path": item.href} for item in zoning.sources],
        "resources": resources,
        "cesp": {
            "version_id": zoning.version_id,
            "sha256": zoning.sha256,
            "order": _order_to_json(zoning.order),
            "recorded_on": zoning.recorded_on.isoformat(),
            "millesime": zoning.millesime,
            "scope": zoning.scope,
            "exhaustive": list(zoning.exhaustive),
            "coverage_note": zoning.coverage_note,
            "departements": list(zoning.departements),
            "as_of": zoning.as_of and zoning.as_of.isoformat(),
            "corrects": zoning.corrects,
            "sources": [asdict(item) for item in zoning.sources],
        },
    }
