"""What became of a commune between two days, and where it came from."""

from collections.abc import Iterable
from datetime import date

from cesp_geo.communes import store
from cesp_geo.communes.model import KNOWN_SINCE, Change, Commune
from cesp_geo.errors import UnknownPlace


def history(code: str, day_a: date, day_b: date) -> tuple[Change, ...]:
    """Give every change of a commune, and of those it came from or became, between two days.

    Parameters
    ----------
    code : str
        INSEE code of any day.
    day_a, day_b : datetime.date
        In either order; changes after the first and up to the second are given.

    Returns
    -------
    tuple of Change

    Raises
    ------
    UnknownPlace
        If no commune bore that code since :data:`~cesp_geo.communes.KNOWN_SINCE`.

    Examples
    --------
    >>> history("93059", date(2024, 1, 1), date(2026, 1, 1))[-1].reason
    'création de commune nouvelle'
    """
    first, last = sorted((day_a, day_b))
    if not store.of_code(code):
        raise UnknownPlace(f"Aucune commune n'a porté le code {code} depuis {KNOWN_SINCE.year}.")
    seen, waiting = {code}, [code]
    found: set[tuple[str, str, str, str]] = set()
    while waiting:
        item = waiting.pop()
        for row in store.connection().execute(
            "SELECT day, reason, before, after FROM changes WHERE (before = ? OR after = ?) "
            "AND day > ? AND day <= ?",
            (item, item, first.isoformat(), last.isoformat()),
        ):
            found.add(row)
            for other in row[2:]:
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
    return tuple(Change(*row) for row in sorted(found))


def inhabitants(elits: Iterable[int]) -> int | None:
    """Give the population of some parts, as the communes of any day that they made up count it.

    Populations are known since 2019: None where a part was never counted by itself since.

    Examples
    --------
    >>> inhabitants(store.by_code("93059", date(2024, 1, 1)).elits)
    33670
    """
    parts = tuple(elits)
    last = store.tenures(parts[0])[-1]
    if last.elits == parts and (people := store.population_of(last)) is not None:
        return people
    left, total = set(parts), 0
    while left:
        records = (*store.tenures(min(left)), *store.quarters(min(left)))
        inside = sorted(
            (item for item in records if left.issuperset(item.elits)),
            key=lambda item: item.period.start,
            reverse=True,
        )
        counted = ((item, store.population_of(item)) for item in inside)
        item, people = next((pair for pair in counted if pair[1] is not None), (None, None))
        if item is None or people is None:
            return None
        total += people
        left.difference_update(item.elits)
    return total


def counterparts(commune: Commune, day: date) -> tuple[Commune, ...]:
    """Give the communes that hold, on another day, the parts of a commune.

    Examples
    --------
    >>> then = store.by_code("44180", date(2024, 1, 1))
    >>> [item.code for item in counterparts(then, date(2013, 1, 1))]
    ['44017', '44093', '44180', '44191', '44219', '49144']
    """
    found = (store.commune_on(elit, day) for elit in commune.elits)
    return tuple(dict.fromkeys(item for item in found if item is not None))
