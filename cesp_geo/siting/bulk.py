"""The main question asked of millions of rows: the same answers as one by one, by joins.

Points become shape numbers through the grid; shapes with the same history are one class of
answer, judged once; a point near a border takes the answer of its class and of those that lie
within the positional accuracy. What is left to look at one by one are distinct places, never
rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.communes import Nearby
from cesp_geo.communes.arrays import distinct_rows, rows_of_sets
from cesp_geo.communes.locate import shape_elits
from cesp_geo.siting.place import Place, foci_of
from cesp_geo.siting.survey import Answers, History, history
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import REASON_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.track import Focus

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[Any]
    Floats = npt.NDArray[np.float64]
    Objects = npt.NDArray[np.object_]

COLUMNS = (
    "commune", "nom_commune", "classe", "zonage", "verdict", "possibles", "motif",
    "dernier_jour_eligible", "maintenable_jusqu_au", "raison",
)  # fmt: skip
"""Columns that are added to the rows; ``distance_limite_m`` too where it is asked for."""

NO_POINT = "Le point manque ou n'est pas un nombre : donnez lon et lat en degrés décimaux."
OUT_OF_RANGE = (
    "Coordonnées impossibles : la longitude va de -180 à 180, la latitude de -90 à 90. "
    "Convertissez en degrés (EPSG:4326) celles qui sont en mètres, comme le Lambert-93."
)
SWAPPED = "Le point serait en France en échangeant lon et lat : corrigez les deux colonnes."
OUTSIDE = "Le point n'est dans aucune commune de France."
NOBODY = "Aucune commune n'est connue à cet endroit ce jour-là : vérifiez le jour."


@dataclass(frozen=True, slots=True)
class Found:
    """Answers in the order of the rows: an index into ``verdicts``, -1 for a row with a reason.

    Attributes
    ----------
    codes, names : numpy.ndarray of object, shape (n,)
        Commune of the day; None where the row cannot be placed.
    which : numpy.ndarray of int, shape (n,)
    verdicts : sequence of Verdict
    reasons : numpy.ndarray of object, shape (n,)
        Why a row could not be placed, in French; empty elsewhere.
    distances : numpy.ndarray of float, shape (n,), or None
        Metres to the nearest border of the commune of the day; nan where unknown.
    """

    codes: "Objects"
    names: "Objects"
    which: "Numbers"
    verdicts: Sequence[Verdict]
    reasons: "Objects"
    distances: "Floats | None" = None

    def columns(self) -> dict[str, "Objects"]:
        """Give the columns to add, by name."""
        import numpy as np

        table: list[tuple[Any, ...]] = [_cells(item) for item in self.verdicts]
        table.append((None,) * 7)
        found: dict[str, Any] = {"commune": self.codes, "nom_commune": self.names}
        for index, name in enumerate(COLUMNS[2:9]):
            values = np.empty(len(table), dtype=object)
            values[:] = [row[index] for row in table]
            found[name] = values[self.which]
        found["raison"] = self.reasons
        if self.distances is not None:
            found["distance_limite_m"] = self.distances
        return found


def _cells(item: Verdict) -> tuple[Any, ...]:
    return (
        item.zone_class,
        item.zoning_id,
        item.verdict,
        " ".join(item.possible) if len(item.possible) > 1 else "",
        REASON_WORDS.get(item.reason_code, item.reason_code),
        item.last_eligible_day and item.last_eligible_day.isoformat(),
        item.maintainable_until and item.maintainable_until.isoformat(),
    )


class Shapes:
    """Shapes by what all orders say of them, as numbers: the same ones on every day.

    Parameters
    ----------
    catalogue : Catalogue
    profession : str
    known_on : datetime.date

    Attributes
    ----------
    foci : tuple of Focus
        What is asked about a point that is in no perimeter.
    kinds : numpy.ndarray of int
        By shape number: its kind; -1 for no shape, -2 for one not looked at yet.
    examples : list of int
        A shape of each kind.
    """

    def __init__(self, catalogue: Catalogue, profession: str, known_on: date) -> None:
        import numpy as np

        self._of = (catalogue, profession, known_on)
        index = catalogue.perimeters
        self.foci = foci_of(frozenset(), frozenset(), index.located if index else frozenset())
        self.kinds = np.full(len(shape_elits()) + 1, -2, dtype=np.int64)
        self.kinds[0] = -1
        self.examples: list[int] = []
        self._numbers: dict[History, int] = {}

    def look(self, shapes: "Numbers") -> None:
        """Give a kind to each of some shapes that has none yet."""
        import numpy as np

        asked = np.zeros(len(self.kinds), dtype=bool)
        asked[shapes] = True
        for number in np.flatnonzero(asked & (self.kinds == -2)).tolist():
            found = history(*self._of, shape_elits()[number], self.foci)
            if found not in self._numbers:
                self._numbers[found] = len(self.examples)
                self.examples.append(number)
            self.kinds[number] = self._numbers[found]


_one_at_a_time = Lock()
"""Points are located by many threads at once, and judged by one."""


class Points:
    """Classifies points for one question.

    Parameters
    ----------
    answers : Answers
        The day, the profession, the list.
    shapes : Shapes, optional
        Shared by the questions that differ by their day only.
    """

    def __init__(self, answers: Answers, shapes: Shapes | None = None) -> None:
        self._answers = answers
        self._shapes = shapes or Shapes(answers.catalogue, answers.profession, answers.known_on)
        self._verdicts: list[Verdict] = []
        self._numbers: dict[int, int] = {}
        self._combined: dict[tuple[int, ...], int] = {}
        self._quarters: dict[tuple[int, ...], int] = {}

    def find(
        self, lon: "npt.ArrayLike", lat: "npt.ArrayLike", *, border_distance: bool = False
    ) -> Found:
        """Classify points.

        Parameters
        ----------
        lon, lat : array_like of float, shape (n,)
            EPSG:4326 degrees; a value that is no number is a row with a reason.
        border_distance : bool
            Also give the metres to the border of the commune.

        Returns
        -------
        Found
        """
        import numpy as np

        from cesp_geo.communes.grid import grid

        x, y = (np.ascontiguousarray(item, dtype=float) for item in (lon, lat))
        missing = ~(np.isfinite(x) & np.isfinite(y))
        wild = ~missing & ((np.abs(x) > 180) | (np.abs(y) > 90))
        bad = missing | wild
        if bad.any():
            x, y = np.where(bad, 0.0, x), np.where(bad, 0.0, y)
        shape, flagged = grid().shapes_at(x, y)
        codes, names = _communes_of_shapes(communes.unchanged_since(self._answers.on))
        nobody = (shape > 0) & (codes == None)[shape]  # noqa: E711 - item by item
        shape = np.where(bad | nobody, 0, shape)
        inside = shape > 0
        with _one_at_a_time:
            which = self._near_borders(x, y, shape, np.flatnonzero(flagged & inside))
            self._in_perimeters(x, y, shape, flagged, which)
        reasons = np.full(len(x), "", dtype=object)
        outside = ~inside & ~bad & ~nobody
        if outside.any():
            rows = np.flatnonzero(outside)
            turned = (np.abs(x[rows]) <= 90) & (grid().shapes_at(y[rows], x[rows])[0] > 0)
            reasons[rows] = np.where(turned, SWAPPED, OUTSIDE)
        reasons[missing], reasons[wild], reasons[nobody] = NO_POINT, OUT_OF_RANGE, NOBODY
        return Found(
            codes[shape],
            names[shape],
            which,
            self._verdicts,
            reasons,
            _distances(x, y, shape, self._answers.on) if border_distance else None,
        )

    def _number(self, verdict: Verdict) -> int:
        key = id(verdict)
        if key not in self._numbers:
            self._numbers[key] = len(self._verdicts)
            self._verdicts.append(verdict)
        return self._numbers[key]

    def _place(self, shapes: tuple[int, ...], foci: tuple[Focus, ...] = ()) -> Place:
        """A point in the first of some shapes, with the others within the accuracy."""
        own, *others = shapes
        elits = shape_elits()[own]
        day = self._answers.on
        holders = dict.fromkeys(
            found for elit in elits if (found := communes.commune_on(elit, day)) is not None
        )
        home = next(iter(holders))
        return Place(
            "commune",
            home.code,
            home.name,
            elits,
            tuple(holders),
            foci=foci or self._shapes.foci,
            lon=0.0,
            lat=0.0,
            near=tuple(Nearby(shape_elits()[other], 0.0) for other in others),
        )

    def _near_borders(
        self, x: "Floats", y: "Floats", shape: "Numbers", rows: "Numbers"
    ) -> "Numbers":
        """Verdicts by the kinds of shapes that lie within the accuracy: most often one."""
        import numpy as np

        from cesp_geo.communes.grid import grid

        shapes = self._shapes
        shapes.look(shape)
        own = shapes.kinds[shape]
        combos = np.empty((len(rows), 0), dtype=np.int64)
        if len(rows):
            sets = grid().sets_around(x[rows], y[rows])
            shapes.look(grid().shapes_of_sets(sets))
            mixed = (grid().kinds_of_sets(shapes.kinds)[sets] != own[rows][:, None]).any(axis=1)
            rows = rows[mixed]
            of_row, other = grid().pairs_of(sets[mixed])
            differs = shapes.kinds[other] != own[rows][of_row]
            of_row, other = of_row[differs], other[differs]
            near = _near(x[rows][of_row], y[rows][of_row], other)
            touched, combos = rows_of_sets(of_row[near], shapes.kinds[other[near]])
            rows = rows[touched]
        which = self._alone(own)
        examples, inverse = distinct_rows([own[rows], *combos.T])
        keys = np.column_stack([own[rows], combos])[examples].tolist()
        numbers = [self._of_kinds(tuple(item for item in key if item >= 0)) for key in keys]
        which[rows] = np.array(numbers, dtype=np.int64)[inverse]
        return which

    def _alone(self, own: "Numbers") -> "Numbers":
        """Verdicts on points that are near no other kind."""
        import numpy as np

        asked = np.zeros(len(self._shapes.examples) + 1, dtype=bool)
        asked[own] = True
        table = np.full(len(asked), -1, dtype=np.int64)
        for kind in np.flatnonzero(asked[:-1]).tolist():
            table[kind] = self._of_kinds((kind,))
        return table[own]

    def _of_kinds(self, key: tuple[int, ...]) -> int:
        """The verdict on a point in a shape of the first kind, near shapes of the others."""
        if key not in self._combined:
            place = self._place(tuple(self._shapes.examples[kind] for kind in key))
            self._combined[key] = self._number(self._answers.of(place))
        return self._combined[key]

    def _in_perimeters(
        self, x: "Floats", y: "Floats", shape: "Numbers", flagged: "Any", which: "Numbers"
    ) -> None:
        """Points in a perimeter, or near its border, by what they are in and near."""
        import numpy as np

        index = self._answers.catalogue.perimeters
        if index is None:
            return
        rows = np.flatnonzero(index.shapes_around[shape])
        touched, inside, near = index.sets_of(x[rows], y[rows])
        at = rows[touched]
        if not len(at):
            return
        border = np.flatnonzero(flagged[at])
        of_row, other = _around(x[at[border]], y[at[border]])
        of_row = border[of_row]
        close = (other != shape[at][of_row]) & _near(x[at][of_row], y[at][of_row], other)
        held, sets = rows_of_sets(of_row[close], other[close].astype(np.int64))
        around = np.full((len(at), sets.shape[1]), -1, dtype=np.int64)
        around[held] = sets
        columns = [shape[at], inside, near, *around.T]
        examples, inverse = distinct_rows(columns)
        keys = np.column_stack(columns)[examples]
        numbers = np.empty(len(keys), dtype=np.int64)
        for number, key in enumerate(map(tuple, keys.tolist())):
            if key not in self._quarters:
                foci = foci_of(index.units(key[1]), index.units(key[2]), index.located)
                shapes = (key[0], *(item for item in key[3:] if item >= 0))
                self._quarters[key] = self._number(self._answers.of(self._place(shapes, foci)))
            numbers[number] = self._quarters[key]
        which[at] = numbers[inverse]


def _around(x: "Floats", y: "Floats") -> tuple["Numbers", "Numbers"]:
    from cesp_geo.communes.grid import grid

    return grid().around(x, y)


def _near(x: "Floats", y: "Floats", shape: "Numbers") -> "npt.NDArray[np.bool_]":
    from cesp_geo.communes.grid import distances_m

    within: npt.NDArray[np.bool_] = distances_m(x, y, shape) <= communes.POSITIONAL_ACCURACY_M
    return within


@lru_cache(maxsize=32)
def _communes_of_shapes(day: date) -> tuple["Objects", "Objects"]:
    """Codes and names of the communes of a day that may hold each shape; None for number 0."""
    import numpy as np

    holder = {elit: item for item in communes.communes(day) for elit in item.elits}
    found = np.full((2, len(shape_elits()) + 1), None, dtype=object)
    for fid, elits in shape_elits().items():
        held = dict.fromkeys(
            (item.code, item.name) for elit in elits if (item := holder.get(elit)) is not None
        )
        if held:
            found[:, fid] = joined(held)
    return found[0], found[1]


def joined(held: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Codes and names of communes as :func:`~cesp_geo.siting.check.check_site` joins them."""
    codes, names = zip(*held, strict=True)
    return " ".join(codes), ", ".join(names)


def _distances(x: "Floats", y: "Floats", shape: "Numbers", day: date) -> "Floats":
    """Metres to the border of the commune of the day, whose inner borders do not count."""
    import numpy as np

    from cesp_geo.communes.grid import distances_m
    from cesp_geo.communes.locate import commune_outlines

    found = np.full(len(x), np.nan)
    number, outlines = commune_outlines(communes.unchanged_since(day))
    outline = number[shape]
    for rows, border, table in (
        (np.flatnonzero((shape > 0) & (outline == 0)), shape, None),
        (np.flatnonzero(outline), outline, outlines),
    ):
        found[rows] = distances_m(x[rows], y[rows], border[rows], table)
    return np.round(found, 1)
