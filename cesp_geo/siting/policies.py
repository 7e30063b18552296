"""Two proposals of the students' unions (ISNAR-IMG and ANEMF survey), as named what-ifs.

They are not law. What they would add to a list is given apart, and never changes a status.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from cesp_geo.errors import LawError
from cesp_geo.siting.check import question_for
from cesp_geo.siting.eligibility import ELIGIBLE, NOT_ELIGIBLE, UNDETERMINED, eligible_periods
from cesp_geo.siting.listed import ListedPlace, NationalList, place_shapes
from cesp_geo.zonings.catalogue import Catalogue

WINDOW = "proposal_installation_window"
BORDERING = "proposal_bordering_zones"

POLICIES: Mapping[str, str] = {
    WINDOW: "Proposition (enquête ISNAR-IMG et ANEMF) : l'année d'installation et les trois "
    "années civiles qui la précèdent",
    BORDERING: "Proposition (enquête ISNAR-IMG et ANEMF) : les communes limitrophes d'un lieu "
    "éligible",
}
"""Name of each proposal to its title in French."""


@dataclass(frozen=True, slots=True)
class ProposedPlace:
    """A place that is not eligible on a list's day and that a proposal would add, and why."""

    place: ListedPlace
    because: str


def proposed_places(
    listed: NationalList, catalogue: Catalogue, policy: str
) -> tuple[ProposedPlace, ...]:
    """Give the places that a proposal would add to a list.

    Parameters
    ----------
    listed : NationalList
        Drawn with every place (``everything=True``).
    catalogue : Catalogue
        That of the list.
    policy : str
        A key of :data:`POLICIES`.

    Returns
    -------
    tuple of ProposedPlace
        In the order of the list. For the window, the year of the list stands for that of
        installation; only days of certain eligibility count.

    Raises
    ------
    LawError
        If the proposal is unknown.

    Examples
    --------
    >>> from cesp_geo.siting.national_list import national_list
    >>> catalogue = Catalogue.load()
    >>> listed = national_list(catalogue, date(2013, 6, 1), everything=True)
    >>> found = proposed_places(listed, catalogue, BORDERING)
    >>> next(item.because for item in found if item.place.code == "93001")
    'limitrophe de La Courneuve (93027)'
    """
    if policy not in POLICIES:
        raise LawError(f"Proposition inconnue : « {policy} ». Choisissez : {', '.join(POLICIES)}.")
    finder = _in_window if policy == WINDOW else _bordering
    return tuple(finder(listed, catalogue))


def _in_window(listed: NationalList, catalogue: Catalogue) -> Iterator[ProposedPlace]:
    year = listed.published_on.year
    first, after = date(year - 3, 1, 1), date(year + 1, 1, 1)
    question = question_for(date(year, 12, 31), listed.profession)
    for item in listed.places:
        if item.status == ELIGIBLE:
            continue
        days = [
            start
            for elit in item.elits
            for start, end, _, eligible in eligible_periods(
                catalogue.track(elit, listed.profession, listed.known_on, item.focus), question
            )
            if eligible and start < after and first < end
        ]
        if days:
            since = max(min(days), first).year
            when = f"en {year}" if since == year else f"de {since} à {year}"
            yield ProposedPlace(item, f"éligible un jour au moins {when}")


def _bordering(listed: NationalList, catalogue: Catalogue) -> Iterator[ProposedPlace]:
    import numpy as np
    import shapely

    shapes = shapely.from_wkb(np.array(place_shapes(listed, catalogue), dtype=object))
    drawn = [row for row, item in enumerate(listed.places) if not item.focus.subunit]
    drawn = [row for row in drawn if shapes[row] is not None]
    asked = [row for row in drawn if listed.places[row].status in (NOT_ELIGIBLE, UNDETERMINED)]
    near = [row for row in drawn if listed.places[row].status == ELIGIBLE]
    few, many = sorted((asked, near), key=len)
    pairs = shapely.STRtree(shapes[many]).query(shapes[few], predicate="touches")
    touched: dict[int, list[int]] = {}
    for one, two in zip(*pairs, strict=True):
        ours, theirs = (few[one], many[two]) if few is asked else (many[two], few[one])
        touched.setdefault(ours, []).append(theirs)
    for row in sorted(touched):
        around = sorted(
            (listed.places[other].code, listed.places[other].name) for other in touched[row]
        )
        names = ", ".join(f"{name} ({code})" for code, name in around)
        yield ProposedPlace(listed.places[row], f"limitrophe de {names}")
