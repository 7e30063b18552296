"""Of which year the codes of a table are: its millésime, never silently later than the order."""

from collections.abc import Iterable, Mapping
from datetime import date

from cesp_geo import communes
from cesp_geo.errors import ZoningError


def millesime_fits(codes: Iterable[str]) -> dict[int, float]:
    """Say what share of some codes exists on 1 January of each year.

    Examples
    --------
    >>> fits = millesime_fits(["93059", "93066"])
    >>> fits[2024], fits[2025]
    (1.0, 0.5)
    """
    wanted = set(codes)
    found = {}
    for year in known_years():
        day = date(year, 1, 1)
        known = sum(communes.by_code(code, day) is not None for code in wanted)
        found[year] = round(known / len(wanted), 6) if wanted else 1.0
    return found


def known_years() -> range:
    """The years whose communes are known."""
    return range(communes.KNOWN_SINCE.year, communes.MILLESIMES[-1] + 1)


def choose_millesime(fits: Mapping[int, float], latest: int) -> tuple[int, str]:
    """Choose the year that fits the codes best, the nearest to an order and none later than it.

    Parameters
    ----------
    fits : mapping of int to float
        As :func:`millesime_fits` gives them.
    latest : int
        The year of the order.

    Returns
    -------
    millesime : int
    note : str
        In French, what a person should know of it; empty for nothing.

    Raises
    ------
    ZoningError
        If codes exist only in a later year.

    Examples
    --------
    >>> choose_millesime({2018: 1.0, 2019: 1.0, 2026: 1.0}, 2019)
    (2019, '')
    """
    until = max(latest, min(fits))
    found = max((year for year in fits if year <= until), key=lambda year: (fits[year], year))
    best = max(fits.values())
    if fits[found] < best:
        later = ", ".join(str(year) for year, share in fits.items() if share == best)
        raise ZoningError(
            f"Des codes de ce fichier n'existent pas encore en {until}, l'année de l'arrêté : il "
            f"a été recodé depuis. Indiquez --cog avec le millésime de ses codes ({later} les "
            f"connaissent le mieux), ou corrigez-les et indiquez --cog {found}."
        )
    if found < min(until, max(fits)):
        return found, f"les codes sont ceux du millésime {found}, antérieur à l'arrêté ({until})."
    return found, ""
