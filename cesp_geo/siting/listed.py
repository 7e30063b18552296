"""A national list as a value: its places, its counts, and what it was drawn from."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from cesp_geo import communes
from cesp_geo.law.parameters import Dated
from cesp_geo.siting.list_rule import ListRule, list_rule
from cesp_geo.siting.mentions import Remark
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.perimeters import read_perimeters
from cesp_geo.zonings.track import Focus


class ListedPlace(NamedTuple):
    """One place (or one part of a commune whose parts differ) and its status on a list.

    Attributes
    ----------
    unit_type, code, name : str
        As on the day of the list.
    former : str
        Former communes of a part, or former codes of the place.
    region, departement : str
        Codes.
    tvs : str
        Name of the TVS, where the zoning says it.
    zone_class, order_id : str
        What the order in force gives; the gap's id where its content is not held.
    rule : tuple of Dated
        The parameters of the law that give the status.
    last_order : str
        Id of the version that gave the last eligible day, empty for none.
    elits : tuple of int
        The parts that it consists of.
    focus : Focus
        What was asked about inside them.
    status : str
        ``eligible``, ``maintained``, ``may_be_maintained``, ``not_eligible``,
        ``undetermined``.
    possible : tuple of str
    last_eligible_day, maintainable_until : datetime.date or None
    on_previous_list : bool or None
    population : int or None
        Of the place, or of the part; None where it was never counted apart.
    remark : str
        In French, why the status is undetermined.
    """

    unit_type: str
    code: str
    name: str
    former: str
    region: str
    departement: str
    tvs: str
    population: int | None
    status: str
    possible: tuple[str, ...]
    zone_class: str
    order_id: str
    last_eligible_day: date | None
    maintainable_until: date | None
    on_previous_list: bool | None
    rule: tuple[Dated, ...]
    last_order: str
    remark: str
    elits: tuple[int, ...]
    focus: Focus


@dataclass(frozen=True, slots=True)
class NationalList:
    """A list, with what it was drawn from.

    ``missing`` are the known orders whose content is not held and on which a status depends;
    ``unordered`` the régions without any known order on a day that bears on a status;
    ``remarks`` what to check in the earlier list and in the decisions.
    """

    title: str
    published_on: date
    profession: str
    known_on: date
    rule: ListRule | None
    places: tuple[ListedPlace, ...]
    missing: tuple[str, ...]
    unordered: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def replayed(self) -> tuple[str, ...]:
        """The parameters that are not those of the law, in French; empty where none is."""
        law = list_rule(self.published_on)
        if self.rule is None or law is None or self.rule == law:
            return ()
        found = []
        if self.rule.years != law.years:
            found.append(f"durée de {self.rule.years} ans au lieu de {law.years}")
        if self.rule.window != law.window:
            found.append(f"fenêtre « {self.rule.window} » au lieu de « {law.window} »")
        return tuple(found)

    def counts(self) -> Mapping[tuple[str, str], tuple[int, int | None]]:
        """Number of places and population by région code and status.

        A unit inside communes has no population of its own. The people of a commune whose parts
        were never counted apart are counted once, with its first row. None where no population
        is known; where some are, :attr:`uncounted` says how many communes are left out.
        """
        found: dict[tuple[str, str], tuple[int, int | None]] = {}
        left = _uncounted(self)
        for item in self.places:
            number, people = found.get((item.region, item.status), (0, None))
            own = left.pop(item.code, None) if item.population is None else item.population
            if own is not None:
                people = (people or 0) + own
            found[item.region, item.status] = number + 1, people
        return dict(sorted(found.items()))

    @property
    def uncounted(self) -> int:
        """Number of communes whose population is not known."""
        lacking = {
            item.code for item in self.places if item.population is None and not item.focus.subunit
        }
        return len(lacking - _uncounted(self).keys())


def place_shapes(listed: NationalList, catalogue: Catalogue) -> list[bytes | None]:
    """Give the polygon of each place (WKB, EPSG:4326).

    A whole commune has that of the day of the list, shared where former communes cannot be told
    apart; an arrondissement or a part of a commune has that of its parts; a unit inside communes
    the perimeter that its version brings, None without one.
    """
    shown = communes.shapes_by_elit()
    together = communes.inseparable(listed.published_on)
    rows = Counter(item.code for item in listed.places if item.code in together)

    def fids(item: ListedPlace) -> Sequence[int]:
        if item.focus.subunit:
            return ()
        elits: Iterable[int] = item.elits
        if len(item.elits) == 1 and item.code not in together:
            fid = shown.get(item.elits[0])
            return (fid,) if fid else ()
        if rows[item.code] == 1:
            units = (communes.by_code(code, listed.published_on) for code in together[item.code])
            elits = (elit for unit in units if unit for elit in unit.elits)
        return sorted({shown[elit] for elit in elits if elit in shown})

    found = communes.stored_unions(list(map(fids, listed.places)))
    for row, shape in _perimeters(listed, catalogue):
        found[row] = shape
    return found


def _perimeters(listed: NationalList, catalogue: Catalogue) -> Iterator[tuple[int, bytes]]:
    """The rows of units inside communes whose version brings their perimeter, each with it."""
    rows: dict[str, list[int]] = {}
    for row, item in enumerate(listed.places):
        if item.focus.subunit and item.order_id in catalogue.zonings:
            rows.setdefault(item.order_id, []).append(row)
    for order_id, inside in rows.items():
        drawn = read_perimeters(catalogue.zonings[order_id])
        for row in inside:
            if (shape := drawn.get(listed.places[row].code)) is not None:
                yield row, shape.wkb


def _uncounted(listed: NationalList) -> dict[str, int]:
    """People of the communes some of whose rows have no population, less those of the others."""
    lacking = {
        item.code for item in listed.places if item.population is None and not item.focus.subunit
    }
    rows: dict[str, list[ListedPlace]] = {code: [] for code in sorted(lacking)}
    for item in listed.places:
        if item.code in lacking:
            rows[item.code].append(item)
    found = {}
    for code, parts in rows.items():
        unit = communes.by_code(code, listed.published_on)
        people = unit and communes.inhabitants(unit.elits)
        if people is not None:
            found[code] = max(people - sum(item.population or 0 for item in parts), 0)
    return found
