"""In which communes the quarters of a table lie: it says so, or a perimeter, or another version."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from cesp_geo import communes
from cesp_geo.zonings.model import Designation, Zoning
from cesp_geo.zonings.readers.tables import Row


def communes_said(row: Row, day: date, problems: list[str]) -> tuple[str, ...]:
    """Give the communes that a table says for a quarter, with their codes of the millésime.

    A code that is none is added to the problems.
    """
    found: set[str] = set()
    for code in row.commune_codes:
        past = communes.of_code(code)
        if communes.by_code(code, day) is not None:
            found.add(code)
        elif past:
            found.update(item.code for item in communes.counterparts(past[-1], day))
        else:
            problems.append(
                f"ligne {row.line} : {code}, donné pour {row.code}, n'est pas un code de commune."
            )
    return tuple(sorted(found))


def communes_under(row: Row, day: date) -> tuple[str, ...]:
    """Give the communes that a perimeter overlaps by more than its edges (1 % of it or of them).

    Its shape is in EPSG:4326, as are theirs.
    """
    if row.geometry is None:
        return ()
    import shapely

    shapes = communes.shapes(day)
    hit = shapes.iloc[shapes.sindex.query(row.geometry, predicate="intersects")]
    common = shapely.area(shapely.intersection(hit.geometry.to_numpy(), row.geometry))
    own = shapely.area(hit.geometry.to_numpy())
    kept = hit[(common > 0.01 * row.geometry.area) | (common > 0.01 * own)]
    return tuple(sorted(code for codes in kept["codes"] for code in codes))


class Quarters:
    """Where the quarters lie whose communes the table does not say."""

    def __init__(self, held: Iterable[Zoning], day: date) -> None:
        self._held = sorted(held, key=lambda item: item.millesime, reverse=True)
        self._day = day
        self._taken: dict[str, list[str]] = defaultdict(list)
        self._unplaced: list[str] = []

    def placed(self, quarter: Designation) -> Designation:
        """Give a quarter the communes that the most recent version says, if one does."""
        code = quarter.unit_code
        for zoning in self._held:
            if (known := zoning.by_subunit.get(code)) and known.commune_codes:
                self._taken[zoning.id].append(code)
                then = date(zoning.millesime, 1, 1)
                holders = [communes.by_code(item, then) for item in known.commune_codes]
                codes = {
                    item.code
                    for holder in holders
                    if holder
                    for item in communes.counterparts(holder, self._day)
                }
                return quarter._replace(commune_codes=tuple(sorted(codes)))
        self._unplaced.append(code)
        return quarter

    def notes(self) -> Iterator[str]:
        """Say which communes were found elsewhere, in French."""
        for zoning_id, codes in self._taken.items():
            yield f"communes reprises de {zoning_id} pour {_listed(codes)}."

    def warnings(self) -> Iterator[str]:
        """Say which were not found, in French."""
        if self._unplaced:
            yield (
                f"Commune inconnue pour {_listed(self._unplaced)} : ni ce fichier ni le catalogue "
                "ne la dit. Ils peuvent être dans toute commune de leur département, qui en "
                "devient indéterminée. Ajoutez une colonne « communes » avec les codes INSEE et "
                "importez de nouveau."
            )


def _listed(codes: Sequence[str]) -> str:
    each = sorted(set(codes))
    more = f" et {len(each) - 10} autres" if len(each) > 10 else ""
    return ", ".join(each[:10]) + more
