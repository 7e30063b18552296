"""The calendar of known orders: from which day one is known, and on which days one takes effect."""

from datetime import date

from cesp_geo import communes
from cesp_geo.dates import french_day
from cesp_geo.errors import DateError
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import PROFESSIONS
from cesp_geo.zonings.track import Entry


def known_orders(
    catalogue: Catalogue, profession: str, region: str | None = None, known_on: date | None = None
) -> list[Entry]:
    """Give the versions and gaps of a region, or of all."""
    regions = [region] if region else catalogue.regions
    return [entry for each in regions for entry in catalogue.timeline(each, profession, known_on)]


def refuse_empty_day(
    catalogue: Catalogue,
    day: date,
    profession: str,
    region: str | None = None,
    known_on: date | None = None,
) -> None:
    """Refuse a day before any known order of a profession.

    Raises
    ------
    DateError
    """
    entries = known_orders(catalogue, profession, region, known_on)
    first = min((entry.effective.first for entry in entries), default=None)
    if first and first <= day:
        return
    mend = (
        f"Le premier prend effet le {french_day(first)} : donnez un jour plus récent."
        if first
        else "Importez-en un avec « cesp-geo zonages importer »."
    )
    where = f" en {communes.regions().get(region, region)}" if region else ""
    raise DateError(
        f"Aucun arrêté pour {PROFESSIONS[profession]} n'est connu{where} au {french_day(day)} "
        f"(d'après ce qui était enregistré le {french_day(known_on or catalogue.last_recorded)}). "
        f"{mend}"
    )


def without_effect(
    catalogue: Catalogue, day: date, profession: str, known_on: date | None = None
) -> str:
    """Say in French that no known order takes effect on a day; empty if one does.

    Examples
    --------
    >>> without_effect(Catalogue.load(), date(2012, 5, 24), "medecin")
    ''
    """
    days = [entry.effective for entry in known_orders(catalogue, profession, None, known_on)]
    if any(item.first <= day <= item.last for item in days):
        return ""
    before = max((item.last for item in days if item.last < day), default=None)
    after = min((item.first for item in days if item.first > day), default=None)
    near = (("dernier avant", before), ("premier après", after))
    known = " ; ".join(f"le {words} : {french_day(found)}" for words, found in near if found)
    return f"aucun arrêté connu ne prend effet ce jour-là ({known})"
