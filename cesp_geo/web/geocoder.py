"""The national geocoder, only if it was turned on: the address then leaves this machine."""

import json
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from math import isfinite
from threading import Timer
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

from cesp_geo.errors import UnknownPlace

ADDRESS = "https://data.geopf.fr/geocodage/search"
LEAST_SCORE = 0.7
"""Below it the answer of the geocoder is not taken."""

_WAIT_S = 5
_MOST_BYTES = 200_000
_MOST_TEXT = 200
_KINDS = {"street": "la voie", "locality": "le lieu-dit", "municipality": "la commune"}
_ELSE = "Donnez la commune, ou le point (latitude,longitude)."


@dataclass(frozen=True, slots=True)
class Found:
    """What the geocoder answers: degrees (EPSG:4326), its own label, its score from 0 to 1."""

    lon: float
    lat: float
    label: str
    score: float


def geocode(text: str, address: str = ADDRESS) -> Found:
    """Ask the geocoder for an address; only one with its number in the street is a point.

    Raises
    ------
    UnknownPlace
        If it does not answer within five seconds or answers elsewhere, finds nothing, is not
        sure enough, or understood no more than a street, a locality or a commune.
    """
    if urlsplit(address).scheme not in ("https", "http"):
        raise UnknownPlace("L'adresse du géocodeur doit commencer par https://.")
    query = urlencode({"q": text[:_MOST_TEXT], "limit": 1})
    request = Request(f"{address}?{query}", headers={"User-Agent": "cesp_geo"})
    try:
        with build_opener(_Plain, _Tls, _NoRedirect).open(request, timeout=_WAIT_S) as answer:
            body = answer.read(_MOST_BYTES)
    except (OSError, HTTPException):
        raise UnknownPlace(f"Le géocodeur national ne répond pas. {_ELSE}") from None
    try:
        features = json.loads(body)["features"]
        if features == []:
            raise UnknownPlace(f"Le géocodeur ne connaît pas « {text} ». {_ELSE}")
        lon, lat = (float(item) for item in features[0]["geometry"]["coordinates"][:2])
        about: Mapping[str, Any] = features[0]["properties"]
        found = Found(lon, lat, str(about["label"])[:_MOST_TEXT], float(about["score"]))
        sound = isfinite(found.score) and abs(lon) <= 180 and abs(lat) <= 90
        city, kind = str(about.get("city", ""))[:_MOST_TEXT], str(about.get("type"))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        sound = False
    if not sound:
        raise UnknownPlace(f"Le géocodeur national ne répond pas comme attendu. {_ELSE}")
    if found.score < LEAST_SCORE:
        raise UnknownPlace(
            f"Le géocodeur n'est pas assez sûr de « {found.label} » (score "
            f"{found.score:.2f} ; il faut {LEAST_SCORE}). Précisez l'adresse, ou donnez le point."
        )
    if kind != "housenumber":
        commune = f" (« {city} »)" if city else ""
        raise UnknownPlace(
            f"Le géocodeur n'a reconnu que {_KINDS.get(kind, 'un lieu')} « {found.label} », sans "
            f"numéro : ce n'est pas un point. Ajoutez le numéro dans la voie, ou donnez la "
            f"commune{commune}."
        )
    return found


class _Timed(HTTPConnection):
    """A connection that is cut at its deadline, whatever still drips through it."""

    def connect(self) -> None:
        """Connect, and set the deadline."""
        end = time.monotonic() + _WAIT_S
        super().connect()
        cut = Timer(end - time.monotonic(), _cut, (self.sock,))
        cut.daemon = True
        cut.start()


class _TimedTls(_Timed, HTTPSConnection):
    pass


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _Plain(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Timed, req)


class _Tls(HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_TimedTls, req)


class _NoRedirect(HTTPRedirectHandler):
    """The address goes to the server that was named, and to no other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""
