"""The same question asked of many places: each distinct history is judged once.

Thousands of places share equal tracks; a place whose parts have the same tracks as another's
has the same answer, so that the whole of France needs a few hundred verdicts.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.siting.check import check_site
from cesp_geo.siting.place import Place
from cesp_geo.siting.verdict import Verdict
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.track import Focus, Track


class Answers:
    """The verdicts of one question, shared by the places whose history is the same.

    Parameters
    ----------
    catalogue : Catalogue
    on : datetime.date
    profession : str
    list_published_on, applied_on, known_on : datetime.date, optional
        As in :func:`~cesp_geo.siting.check.check_site`.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        on: date,
        profession: str = "medecin",
        *,
        list_published_on: date | None = None,
        applied_on: date | None = None,
        known_on: date | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.on = on
        self.profession = profession
        self.list_published_on = list_published_on
        self.applied_on = applied_on
        self.known_on = known_on or catalogue.last_recorded
        self._held: dict[Hashable, Verdict] = {}

    def of(self, place: Place) -> Verdict:
        """Give the verdict on a place.

        What it says of the answer (verdict, reason, class, order, days) is that of
        :func:`~cesp_geo.siting.check.check_site`; its inputs, its place and the names in its
        explanation may be those of another place with the same history.
        """
        key = self.history_of(place)
        if key not in self._held:
            self._held[key] = check_site(
                place,
                on=self.on,
                profession=self.profession,
                list_published_on=self.list_published_on,
                applied_on=self.applied_on,
                known_on=self.known_on,
                catalogue=self.catalogue,
            )
        return self._held[key]

    def history_of(self, place: Place) -> Hashable:
        """Give what the answer depends on besides the question: equal for equal histories."""
        return (
            self._history(place.elits, place.foci),
            frozenset(self._history(near.elits, place.foci) for near in place.near),
            place.is_point,
            place.unit_type,
        )

    def _history(self, elits: tuple[int, ...], foci: tuple[Focus, ...]) -> "History":
        return history(self.catalogue, self.profession, self.known_on, elits, foci)


History = tuple[tuple[tuple[int, Track], ...], bool, bool, bool]


def history(
    catalogue: Catalogue,
    profession: str,
    known_on: date,
    elits: tuple[int, ...],
    foci: tuple[Focus, ...],
) -> History:
    """Give all that an answer takes from a place, whatever the day; equal for equal histories.

    Returns
    -------
    tracks : tuple of (int, Track)
        By what is asked about inside the parts, in order: the first doubt gives the reason.
    several : bool
        Whether there are several parts.
    known, recorded : bool
        Whether any order of these parts was known on the day of knowledge, and ever.
    """
    tracks = dict.fromkeys(
        (number, catalogue.track(elit, profession, known_on, focus))
        for elit in elits
        for number, focus in enumerate(foci)
    )
    known, recorded = (
        any(catalogue.track(elit, profession, day).spells for elit in elits)
        for day in (known_on, None)
    )
    return tuple(tracks), len(elits) > 1, known, recorded


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A commune (or municipal arrondissement) of the day asked, and its verdict."""

    commune: Commune
    verdict: Verdict


def units_of(day: date) -> tuple[Commune, ...]:
    """Give every commune of a day by code; Paris, Lyon and Marseille by arrondissement."""
    communes.preload()
    quarters = communes.communes(day, "arrondissement_municipal")
    split = {unit.parent for unit in quarters}
    whole = (unit for unit in communes.communes(day) if unit.code not in split)
    return tuple(sorted((*whole, *quarters), key=lambda item: item.code))


def place_of(unit: Commune, day: date) -> Place:
    """Give the place that a commune or municipal arrondissement is."""
    holder = (unit.parent and communes.by_code(unit.parent, day)) or unit
    return Place(unit.kind, unit.code, unit.name, unit.elits, (holder,))


def survey(answers: Answers) -> Iterator[Surveyed]:
    """Give every commune of the day, those of Paris, Lyon and Marseille by arrondissement.

    Parameters
    ----------
    answers : Answers

    Yields
    ------
    Surveyed
        By code.

    Examples
    --------
    >>> answers = Answers(Catalogue.load(), date(2013, 6, 1))
    >>> found = {item.commune.code: item.verdict.verdict for item in survey(answers)}
    >>> found["93008"], found["75101"]
    ('eligible', 'not_eligible')
    """
    for unit in units_of(answers.on):
        yield Surveyed(unit, answers.of(place_of(unit, answers.on)))
