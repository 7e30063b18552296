"""The national geocoder, only if it was turned on: the address then leaves this machine."""

import json
from dataclasses import dataclass
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from cesp_geo.errors import UnknownPlace

ADDRESS = "https://data.geopf.fr/geocodage/search"
LEAST_SCORE = 0.7
"""Below it the answer of the geocoder is not taken."""

_WAIT_S = 4
_MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Found:
    """What the geocoder answers: degrees (EPSG:4326), its own label, its score from 0 to 1."""

    lon: float
    lat: float
    label: str
    score: float


def geocode(text: str, address: str = ADDRESS) -> Found:
    """Ask the geocoder for an address.

    Raises
    ------
    UnknownPlace
        If it does not answer, finds nothing, or is not sure enough.
    """
    if urlsplit(address).scheme not in ("https", "http"):
        raise UnknownPlace("L'adresse du géocodeur doit commencer par https://.")
    query = urlencode({"q": text[:200], "limit": 1})
    request = Request(f"{address}?{query}", headers={"User-Agent": "cesp_geo"})
    try:
        with urlopen(request, timeout=_WAIT_S) as answer:
            found = json.loads(answer.read(_MOST_BYTES))["features"]
        first = found[0]
        lon, lat = (float(item) for item in first["geometry"]["coordinates"][:2])
        result = Found(
            lon, lat, str(first["properties"]["label"]), float(first["properties"]["score"])
        )
    except IndexError:
        raise UnknownPlace(
            f"Le géocodeur ne connaît pas « {text} ». Donnez la commune ou le point."
        ) from None
    except (URLError, OSError, ValueError, KeyError, TypeError):
        raise UnknownPlace(
            "Le géocodeur national ne répond pas. Donnez la commune, ou le point "
            "(latitude,longitude)."
        ) from None
    if result.score < LEAST_SCORE:
        raise UnknownPlace(
            f"Le géocodeur n'est pas assez sûr de « {result.label} » (score "
            f"{result.score:.2f} ; il faut {LEAST_SCORE}). Précisez l'adresse, ou donnez le point."
        )
    return result
