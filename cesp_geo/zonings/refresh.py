"""Fetch the official national tables (DataSanté, data.gouv.fr) and keep their dated originals."""

import hashlib
import json
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cesp_geo.errors import CespGeoError, DataError, system_reason

API = "https://www.data.gouv.fr/api/1"
DATASET = "zonages-des-professionnels-de-sante-liberaux"
_WANTED = re.compile(r"zonages[-_](com|qpv|gq)", re.IGNORECASE)
_TRIES = 4
_TIMEOUT_S = 30
_BLOCK = 1 << 16

Progress = Callable[[int, int | None], None]


class DownloadError(CespGeoError):
    """The catalogue or a file could not be fetched."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of the data set: its address and, where the catalogue says it, its checksum."""

    kind: str
    url: str
    modified: str
    algorithm: str
    checksum: str


def current_resources(api: str = API) -> tuple[Resource, ...]:
    """Ask the catalogue which files are current.

    Parameters
    ----------
    api : str
        Address of the data.gouv.fr API, or of a server that behaves like it.

    Returns
    -------
    tuple of Resource
        ``com`` first; then ``qpv`` and ``gq`` (grands quartiers) where there are.

    Raises
    ------
    DownloadError
        If the catalogue does not answer, or answers in another shape.
    """
    address = f"{api}/datasets/{DATASET}/"
    body = _retrying(lambda: _get(address))
    try:
        found = [
            Resource(
                match[1].lower(),
                item["url"],
                str(item.get("last_modified", ""))[:10],
                str((item.get("checksum") or {}).get("type", "")),
                str((item.get("checksum") or {}).get("value", "")),
            )
            for item in json.loads(body)["resources"]
            if item.get("format") == "csv" and (match := _WANTED.search(item["url"]))
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DownloadError(
            f"Le catalogue {address} a changé de forme ({error}). Téléchargez le fichier à la "
            "main et importez-le avec « cesp-geo zonages importer »."
        ) from None
    if not any(item.kind == "com" for item in found):
        raise DownloadError(
            f"Le catalogue {address} ne propose plus de table des communes. Téléchargez-la à la "
            "main et importez-la avec « cesp-geo zonages importer »."
        )
    return tuple(sorted(found, key=lambda item: ("com", "qpv", "gq").index(item.kind)))


def fetch(resource: Resource, folder: Path, progress: Progress | None = None) -> Path:
    """Fetch a file into a folder; an interrupted download goes on where it stopped.

    Parameters
    ----------
    resource : Resource
    folder : pathlib.Path
        Where the dated original is kept, under a name that carries its sha256.
    progress : callable, optional
        Called with the bytes held and the total, if known.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    DownloadError
        If it cannot be fetched whole.
    DataError
        If its checksum is not the one that the catalogue gives.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mark = hashlib.sha256(resource.url.encode()).hexdigest()[:12]
    part = folder / f"{resource.kind}-{mark}.part"
    _retrying(lambda: _append(resource.url, part, progress))
    content = part.read_bytes()
    if resource.algorithm in hashlib.algorithms_available:
        found = hashlib.new(resource.algorithm, content, usedforsecurity=False).hexdigest()
        if found != resource.checksum:
            part.unlink()
            raise DataError(
                f"Le fichier reçu de {resource.url} n'a pas l'empreinte annoncée par le "
                "catalogue. Relancez « cesp-geo zonages actualiser »."
            )
    name = f"{resource.kind}-{resource.modified or 'sans-date'}"
    target = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:8]}.csv"
    part.replace(target)
    return target


def _checked(address: str) -> str:
    if urlsplit(address).scheme not in ("http", "https"):
        raise DownloadError(
            f"« {address} » n'est pas une adresse du réseau. Donnez-la entière, https://… ."
        )
    return address


def _get(address: str) -> bytes:
    with urllib.request.urlopen(_checked(address), timeout=_TIMEOUT_S) as answer:
        body: bytes = answer.read()
        return body


def _append(address: str, part: Path, progress: Progress | None) -> None:
    held = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(_checked(address))
    if held:
        request.add_header("Range", f"bytes={held}-")
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
        goes_on = answer.status == 206
        length = answer.headers.get("Content-Length")
        total = int(length) + (held if goes_on else 0) if length else None
        with part.open("ab" if goes_on else "wb") as file:
            while block := answer.read(_BLOCK):
                file.write(block)
                if progress:
                    progress(file.tell(), total)
            size = file.tell()
    if total is not None and size != total:
        raise ConnectionError(f"{size} octets reçus sur {total}")


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, socket.gaierror):
        return "cette adresse n'existe pas, ou le réseau est coupé"
    if isinstance(cause, TimeoutError):
        return "le serveur ne répond pas à temps"
    if isinstance(cause, OSError) and cause.errno:
        return system_reason(cause)
    return str(cause)


def _retrying(attempt: Callable[[], Any]) -> Any:
    for number in range(1, _TRIES + 1):
        try:
            return attempt()
        except urllib.error.HTTPError as error:
            if error.code == 416:  # the whole file was already there
                return None
            if error.code < 500 or number == _TRIES:
                raise DownloadError(
                    f"{error.url} répond {error.code}. Réessayez plus tard, ou téléchargez le "
                    "fichier à la main et importez-le."
                ) from None
        except (OSError, ValueError) as error:
            if number == _TRIES:
                raise DownloadError(
                    f"Téléchargement impossible ({_reason(error)}). Vérifiez la connexion et "
                    "relancez : ce qui est déjà reçu est gardé."
                ) from None
        time.sleep(0.2 * 2**number)
    raise AssertionError("unreachable")
