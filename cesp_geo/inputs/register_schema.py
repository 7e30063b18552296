"""The tables of a register: a GeoPackage 1.3 with one layer of points and one plain table."""

_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
VERSION = 2
_MOMENT = "2026-01-01T00:00:00.000Z"


_REFUSED = "'registre en ajout seul : ajoutez une fiche rectificative'"
_IS_THERE = {
    "fiches": "fid = NEW.fid OR (signataire, date_fiche, contenu_sha256, enregistre_le) = "
    "(NEW.signataire, NEW.date_fiche, NEW.contenu_sha256, NEW.enregistre_le)",
    "decisions": "fid = NEW.fid OR contenu_sha256 = NEW.contenu_sha256",
    "registre": "true",
}
"""Which rows a new one would replace: REPLACE deletes without asking the DELETE triggers."""

MARKS = (b"CREATE TABLE registre (version", b"registre en ajout seul")
"""By these texts, at the head of the file, a register is known even where it is damaged."""


def _guards() -> str:
    """Rows are added, never changed, replaced nor taken away."""
    guard = f"BEGIN SELECT RAISE(ABORT, {_REFUSED})"
    return "\n".join(
        [
            f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} {guard}; END;"
            for table in _IS_THERE
            for verb in ("UPDATE", "DELETE")
        ]
        + [
            f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} {guard} WHERE EXISTS "
            f"(SELECT 1 FROM {table} WHERE {there}); END;"
            for table, there in _IS_THERE.items()
        ]
    )


SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
BEGIN;
CREATE TABLE gpkg_spatial_ref_sys (
    srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES
    ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', NULL),
    ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', NULL),
    ('WGS 84', 4326, 'EPSG', 4326, '{_WGS84}', NULL);
CREATE TABLE gpkg_contents (
    table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
    description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE,
    max_x DOUBLE, max_y DOUBLE, srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id));
INSERT INTO gpkg_contents VALUES
    ('fiches', 'features', 'fiches', 'Fiches de suivi', '{_MOMENT}', NULL, NULL, NULL, NULL, 4326),
    ('decisions', 'attributes', 'decisions', 'Décisions du référent', '{_MOMENT}', NULL, NULL,
     NULL, NULL, NULL);
CREATE TABLE gpkg_geometry_columns (
    table_name TEXT NOT NULL PRIMARY KEY, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,
    m TINYINT NOT NULL);
INSERT INTO gpkg_geometry_columns VALUES ('fiches', 'geom', 'POINT', 4326, 0, 0);
CREATE TABLE registre (version INTEGER NOT NULL);
INSERT INTO registre VALUES ({VERSION});
CREATE TABLE fiches (
    fid INTEGER PRIMARY KEY AUTOINCREMENT, geom BLOB, signataire TEXT NOT NULL,
    date_fiche DATE NOT NULL, lieu TEXT NOT NULL, specialite TEXT NOT NULL, mode TEXT NOT NULL,
    installation_prevue DATE, statut TEXT NOT NULL, contrat_signe_le DATE, demande_le DATE,
    commune TEXT NOT NULL, enregistre_le TEXT NOT NULL,
    source_sha256 TEXT NOT NULL, contenu_sha256 TEXT NOT NULL,
    UNIQUE (signataire, date_fiche, contenu_sha256, enregistre_le));
CREATE TABLE decisions (
    fid INTEGER PRIMARY KEY AUTOINCREMENT, zone TEXT NOT NULL, jour DATE NOT NULL,
    signataires TEXT NOT NULL, motif TEXT NOT NULL, enregistre_le TEXT NOT NULL,
    source_sha256 TEXT NOT NULL, contenu_sha256 TEXT NOT NULL UNIQUE);
{_guards()}
COMMIT;
"""
