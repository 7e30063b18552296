"""The one door through which files from outside come in: only real, bounded, known files."""

import re
import zipfile
from pathlib import Path

from cesp_geo.errors import UnsafeFile, system_reason

MOST_BYTES = 400_000_000
MOST_UNPACKED = 1_000_000_000
MOST_RATIO = 200
MOST_ROWS = 1_100_000
MOST_CELL = 32_767

_MAGIC = {
    b"SQLite format 3\x00": "gpkg",
    b"PK\x03\x04": "zip",
    b"PAR1": "parquet",
    b"fgb\x03": "fgb",
    b"\x00\x00\x27\x0a": "shp",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"GIF8": "image",
    b"%PDF": "pdf",
}
_INDIRECT = re.compile(r"/vsi\w+/")
_EXPECTED = {
    "gpkg": {".gpkg"},
    "xlsx": {".xlsx", ".xlsm"},
    "parquet": {".parquet", ".geoparquet"},
    "fgb": {".fgb"},
    "shp": {".shp"},
    "json": {".geojson", ".json"},
    "kml": {".kml"},
    "text": {".csv", ".txt", ".tsv"},
}


def kind_of(path: Path, most_bytes: int | None = MOST_BYTES) -> str:
    """Say what a file is by its content, and refuse what is not a plain local data file.

    Parameters
    ----------
    path : pathlib.Path
    most_bytes : int or None
        Refuse a longer file; None for one that is read little by little.

    Returns
    -------
    str
        ``text``, ``xlsx``, ``gpkg``, ``shp``, ``json``, ``fgb``, ``parquet`` or ``kml``.

    Raises
    ------
    UnsafeFile
        A URL or indirect path, an archive bomb, a document that points elsewhere (VRT, XML
        with DOCTYPE), a file whose content and extension disagree, or one that cannot be read.
    """
    given = str(path)
    if ":/" in given or given.startswith("/vsi") or _INDIRECT.search(given):
        raise UnsafeFile(
            f"Seul un fichier de cet ordinateur peut être lu, pas « {given} ». Téléchargez-le "
            "d'abord."
        )
    try:
        if path.is_dir():
            raise UnsafeFile(f"{path} est un dossier. Donnez un des fichiers qu'il contient.")
        if not path.is_file():
            raise UnsafeFile(f"Fichier introuvable : {path}. Vérifiez le chemin.")
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise UnsafeFile(
            f"Fichier illisible : {path} ({system_reason(error)}). Vérifiez les droits d'accès."
        ) from None
    if size == 0:
        raise UnsafeFile(f"Le fichier {path.name} est vide. Redemandez-le à qui l'a envoyé.")
    if most_bytes is not None and size > most_bytes:
        raise UnsafeFile(
            f"Le fichier {path.name} dépasse {most_bytes // 1_000_000} Mo. Découpez-le."
        )
    kind = _by_content(path, head)
    if path.suffix.lower() not in _EXPECTED[kind]:
        wanted = ", ".join(sorted(_EXPECTED[kind]))
        raise UnsafeFile(
            f"Le contenu de {path.name} ne correspond pas à son extension : c'est un fichier "
            f"{wanted}. Renommez-le s'il vient d'une source sûre."
        )
    return kind


def _by_content(path: Path, head: bytes) -> str:
    kind = next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)
    if kind in ("image", "pdf"):
        raise UnsafeFile(
            f"{path.name} est une image ou un PDF, pas un tableau ni une couche. Demandez le "
            "tableur à l'ARS."
        )
    if kind == "zip":
        return _workbook(path)
    if kind:
        return kind
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b"{", b"[")):
        return "json"
    if text.startswith(b"<"):
        return _xml(path, text)
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnsafeFile(
            f"{path.name} contient des octets nuls : ce n'est pas un tableau en texte, ou il est "
            "abîmé. Redemandez le fichier."
        )
    return "text"


def _xml(path: Path, text: bytes) -> str:
    whole = path.read_bytes()
    if b"<!DOCTYPE" in whole or b"<!ENTITY" in whole:
        raise UnsafeFile(
            f"{path.name} est un XML avec DOCTYPE, refusé par sécurité. Exportez-le de nouveau "
            "sans DOCTYPE."
        )
    if b"<kml" in text:
        return "kml"
    raise UnsafeFile(
        f"{path.name} est un XML qui n'est pas du KML (un VRT renvoie à d'autres fichiers) : "
        "refusé. Donnez la couche elle-même."
    )


def _workbook(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError):
        raise UnsafeFile(f"Classeur abîmé : {path.name}. Redemandez le fichier.") from None
    names = {item.filename for item in entries}
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise UnsafeFile(
            f"{path.name} est une archive, pas un classeur. Extrayez-en le tableau d'abord."
        )
    unpacked = sum(item.file_size for item in entries)
    packed_size = max(sum(item.compress_size for item in entries), 1)
    if unpacked > MOST_UNPACKED or (unpacked > 50_000_000 and unpacked / packed_size > MOST_RATIO):
        raise UnsafeFile(
            f"{path.name} se déplie en {unpacked // 1_000_000} Mo : refusé par sécurité. "
            "Enregistrez-le de nouveau sans lignes vides."
        )
    if any(name.lower().endswith((".zip", ".gz", ".7z")) for name in names):
        raise UnsafeFile(f"{path.name} contient une autre archive : refusé par sécurité.")
    return "xlsx"


def damaged_parquet(path: Path) -> UnsafeFile:
    """Say that a Parquet file cannot be read."""
    return UnsafeFile(f"Fichier Parquet illisible ou abîmé : {path.name}. Redemandez le fichier.")
