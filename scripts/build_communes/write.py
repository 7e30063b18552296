"""Write the store: one read-only GeoPackage with shapes, élits, communes and their history."""

import hashlib
import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import history as past
import pyogrio
from shapes import Shapes
from sources import LISTS, Sources, described

from cesp_geo.communes.naming import name_key

SCHEMA = """
CREATE TABLE elits (id INTEGER PRIMARY KEY, contour INTEGER) ;
CREATE TABLE communes (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
    parent TEXT, departement TEXT NOT NULL, region TEXT NOT NULL,
    start TEXT NOT NULL, "end" TEXT, date_precision TEXT NOT NULL, name_key TEXT NOT NULL) ;
CREATE TABLE holdings (
    elit INTEGER NOT NULL, commune INTEGER NOT NULL, PRIMARY KEY (elit, commune)) WITHOUT ROWID ;
CREATE TABLE changes (
    day TEXT NOT NULL, reason TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL) ;
CREATE TABLE millesimes (
    code TEXT NOT NULL, year INTEGER NOT NULL, population INTEGER, postcodes TEXT NOT NULL,
    PRIMARY KEY (code, year)) WITHOUT ROWID ;
CREATE TABLE postcodes (
    postcode TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (postcode, code)) WITHOUT ROWID ;
CREATE TABLE deleguees (
    code TEXT NOT NULL, name TEXT NOT NULL, parent TEXT NOT NULL, name_key TEXT NOT NULL) ;
CREATE TABLE regions (code TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID ;
CREATE TABLE departements (
    code TEXT PRIMARY KEY, name TEXT NOT NULL, region TEXT NOT NULL) WITHOUT ROWID ;
CREATE TABLE metadata (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID ;
"""
INDEXES = """
CREATE INDEX communes_code ON communes (code) ;
CREATE INDEX communes_name ON communes (name_key) ;
CREATE INDEX holdings_commune ON holdings (commune) ;
CREATE INDEX elits_contour ON elits (contour) ;
CREATE INDEX changes_before ON changes (before) ;
CREATE INDEX changes_after ON changes (after) ;
CREATE INDEX deleguees_code ON deleguees (code) ;
CREATE INDEX deleguees_name ON deleguees (name_key) ;
"""
STAMP = "2026-01-01T00:00:00.000Z"
ACCURACY_M = 100


def write(history: past.History, shapes: Shapes, sources: Sources, target: Path) -> None:
    """Write ``communes.gpkg`` and its ``datapackage.json``; the same inputs give the same bytes."""
    target.mkdir(parents=True, exist_ok=True)
    path = target / "communes.gpkg"
    path.unlink(missing_ok=True)
    frame = gpd.GeoDataFrame(geometry=shapes.geometries, crs="EPSG:4326")
    pyogrio.write_dataframe(
        frame, path, layer="contours", driver="GPKG", geometry_type="MultiPolygon"
    )
    with sqlite3.connect(path) as base:
        base.executescript(SCHEMA)
        fill(base, history, shapes, sources)
        base.executescript(INDEXES)
        for (table,) in base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE %' "
            "AND name NOT LIKE 'gpkg%' AND name NOT LIKE 'rtree%' AND name NOT LIKE 'sqlite%' "
            "AND name <> 'contours' ORDER BY name"
        ).fetchall():
            base.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
                "VALUES (?, 'attributes', ?, ?)",
                (table, table, STAMP),
            )
        base.execute("UPDATE gpkg_contents SET last_change = ?", (STAMP,))
    base.close()
    base = sqlite3.connect(path)
    base.execute("VACUUM")
    base.close()
    describe(path, target)


def fill(base: sqlite3.Connection, history: past.History, shapes: Shapes, sources: Sources) -> None:
    contour = {elit: fid for fid, elits in enumerate(shapes.elits, 1) for elit in elits}
    base.executemany(
        "INSERT INTO elits VALUES (?, ?)",
        [(elit, contour.get(elit)) for elit in range(1, len(history.elits) + 1)],
    )
    region_of = sources.departements()
    region_of = {code: region for code, region in region_of.items() if past.in_departement(code)}
    records = sorted(
        [*history.records, *history.arrondissements],
        key=lambda item: (item.kind, item.code, item.start),
    )
    for number, item in enumerate((r for r in records if r.end > past.START), 1):
        departement = past.department(item.code)
        base.execute(
            "INSERT INTO communes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                item.code,
                item.name,
                item.kind,
                item.parent,
                departement,
                region_of.get(departement, ""),
                item.start,
                None if item.end == past.OPEN else item.end,
                item.precision,
                name_key(item.name),
            ),
        )
        base.executemany(
            "INSERT INTO holdings VALUES (?, ?)", [(elit, number) for elit in item.elits]
        )
    base.executemany(
        "INSERT INTO changes VALUES (?, ?, ?, ?)",
        [(item.day, item.reason, item.before, item.after) for item in past.events(history)],
    )
    postcodes: set[tuple[str, str]] = set()
    for year in LISTS:
        for row in sources.list_of(year):
            if row["type"] in ("commune-actuelle", "arrondissement-municipal"):
                found = row.get("codesPostaux", [])
                base.execute(
                    "INSERT INTO millesimes VALUES (?, ?, ?, ?)",
                    (row["code"], year, row.get("population"), " ".join(found)),
                )
                postcodes |= {(postcode, row["code"]) for postcode in found}
    base.executemany("INSERT INTO postcodes VALUES (?, ?)", sorted(postcodes))
    base.executemany(
        "INSERT INTO deleguees VALUES (?, ?, ?, ?)",
        sorted(
            (row["code"], row["nom"], row["chefLieu"], name_key(row["nom"]))
            for row in sources.list_of(max(LISTS))
            if "chefLieu" in row
        ),
    )
    base.executemany("INSERT INTO regions VALUES (?, ?)", sources.names("regions").items())
    names = sources.names("departements")
    base.executemany(
        "INSERT INTO departements VALUES (?, ?, ?)",
        [(code, name, region_of.get(code, "")) for code, name in names.items()],
    )
    base.executemany(
        "INSERT INTO metadata VALUES (?, ?)",
        [
            ("positional_accuracy_m", str(ACCURACY_M)),
            ("millesimes", " ".join(str(year) for year in LISTS)),
            ("from", past.START),
            ("credit", "IGN ADMIN EXPRESS COG ; INSEE COG ; Etalab, Licence Ouverte 2.0"),
            *((f"source {name}", sha256) for name, sha256 in described()),
        ],
    )


def describe(path: Path, target: Path) -> None:
    content = path.read_bytes()
    package = {
        "name": "communes",
        "title": "Communes de France dans l'espace et le temps, depuis le 1er janvier 2005",
        "licenses": [{"name": "etalab-2.0", "title": "Licence Ouverte 2.0"}],
        "sources": [{"title": name, "hash": f"sha256:{sha256}"} for name, sha256 in described()],
        "resources": [
            {
                "name": path.stem,
                "path": path.name,
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            }
        ],
    }
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    (target / "datapackage.json").write_text(text, encoding="utf-8")
