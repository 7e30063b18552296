"""The main question asked of millions of rows: the same answers as one by one, by joins.

Points become shape numbers through the grid; shapes with the same history are one class of
answer, judged once; a point near a border takes the answer of its class and of those that lie
within the positional accuracy. What is left to look at one by one are distinct places, never
rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.communes import Nearby
from cesp_geo.communes.arrays import distinct_rows, rows_of_sets
from cesp_geo.communes.locate import codes_of_shapes, shape_elits
from cesp_geo.errors import CespGeoError
from cesp_geo.siting.place import Place, foci_of, resolve
from cesp_geo.siting.survey import Answers
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import REASON_WORDS
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


class Points:
    """Classifies points for one question.

    Parameters
    ----------
    answers : Answers
        The day, the profession, the list.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
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
        shape = np.where(bad, 0, shape)
        inside = shape > 0
        which = self._by_shape(shape)
        self._near_borders(x, y, shape, np.flatnonzero(flagged & inside), which)
        self._in_perimeters(x, y, shape, flagged, which)
        reasons = np.full(len(x), "", dtype=object)
        outside = ~inside & ~bad
        if outside.any():
            rows = np.flatnonzero(outside)
            turned = (np.abs(x[rows]) <= 90) & (grid().shapes_at(y[rows], x[rows])[0] > 0)
            reasons[rows] = np.where(turned, SWAPPED, OUTSIDE)
        reasons[missing], reasons[wild] = NO_POINT, OUT_OF_RANGE
        day = self._answers.on
        return Found(
            codes_of_shapes(day)[shape],
            _names_of_shapes(day)[shape],
            which,
            self._verdicts,
            reasons,
            _distances(x, y, shape, day) if border_distance else None,
        )

    def _number(self, verdict: Verdict) -> int:
        key = id(verdict)
        if key not in self._numbers:
            self._numbers[key] = len(self._verdicts)
            self._verdicts.append(verdict)
        return self._numbers[key]

    @cached_property
    def _table(self) -> "Numbers":
        """By shape number, which verdict; -2 for one not asked yet, -1 for no shape."""
        import numpy as np

        table = np.full(len(shape_elits()) + 1, -2, dtype=np.int64)
        table[0] = -1
        return table

    def _by_shape(self, shape: "Numbers") -> "Numbers":
        import numpy as np

        table = self._table
        asked = np.zeros(len(table), dtype=bool)
        asked[shape] = True
        for number in np.flatnonzero(asked & (table == -2)).tolist():
            table[number] = self._number(self._answers.of(self._place((number,))))
        return table[shape]

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
            foci=foci or self._outside,
            lon=0.0,
            lat=0.0,
            near=tuple(Nearby(shape_elits()[other], 0.0) for other in others),
        )

    @cached_property
    def _outside(self) -> tuple[Focus, ...]:
        """What is asked about a point that is in no perimeter."""
        index = self._answers.catalogue.perimeters
        return foci_of(frozenset(), frozenset(), index.located if index else frozenset())

    def _near_borders(
        self, x: "Floats", y: "Floats", shape: "Numbers", rows: "Numbers", which: "Numbers"
    ) -> None:
        """Where another answer lies within the accuracy, take the answer of both."""
        import numpy as np

        if not len(rows):
            return
        from cesp_geo.communes.grid import grid

        self._by_shape(np.arange(len(self._table)))
        sets = grid().sets_around(x[rows], y[rows])
        kinds = grid().kinds_of_sets(self._table)[sets]
        mixed = (kinds != which[rows][:, None]).any(axis=1)
        rows = rows[mixed]
        of_row, other = grid().pairs_of(sets[mixed])
        differs = (self._table[other] != which[rows][of_row]) & (other > 0)
        of_row, other = of_row[differs], other[differs]
        near = _near(x[rows][of_row], y[rows][of_row], other)
        of_row, kind = of_row[near], self._table[other[near]]
        if not len(of_row):
            return
        example = self._examples
        touched, combos = rows_of_sets(of_row, kind)
        own = which[rows][touched]
        examples, inverse = distinct_rows([own, *combos.T])
        keys = np.column_stack([own, combos])[examples]
        numbers = np.empty(len(keys), dtype=np.int64)
        for index, key in enumerate(map(tuple, keys.tolist())):
            if key not in self._combined:
                shapes = tuple(example[item] for item in key if item >= 0)
                self._combined[key] = self._number(self._answers.of(self._place(shapes)))
            numbers[index] = self._combined[key]
        which[rows[touched]] = numbers[inverse]

    @property
    def _examples(self) -> Mapping[int, int]:
        """A shape that has each verdict."""
        import numpy as np

        values, first = np.unique(self._table, return_index=True)
        return dict(zip(values.tolist(), first.tolist(), strict=True))

    def _in_perimeters(
        self, x: "Floats", y: "Floats", shape: "Numbers", flagged: "Any", which: "Numbers"
    ) -> None:
        """Points in a perimeter, or near its border, by what they are in and near."""
        import numpy as np

        index = self._answers.catalogue.perimeters
        if index is None:
            return
        rows = np.flatnonzero(index.shapes_around[shape])
        touched, inside, near = index.sets_of(x[rows], y[rows], communes.POSITIONAL_ACCURACY_M)
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
def _names_of_shapes(day: date) -> "Objects":
    import numpy as np

    codes = codes_of_shapes(day)
    names = {item.code: item.name for item in communes.communes(day)}
    found = np.empty(len(codes), dtype=object)
    for number, code in enumerate(codes):
        found[number] = " / ".join(names[one] for one in code.split("+")) if code else None
    return found


def _distances(x: "Floats", y: "Floats", shape: "Numbers", day: date) -> "Floats":
    """Metres to the border of the commune of the day, whose inner borders do not count."""
    import numpy as np

    from cesp_geo.communes.grid import distances_m
    from cesp_geo.communes.locate import commune_outlines

    found = np.full(len(x), np.nan)
    rows = np.flatnonzero(shape > 0)
    number, table = commune_outlines(day)
    found[rows] = distances_m(x[rows], y[rows], number[shape[rows]], table)
    return np.round(found, 1)


class Texts:
    """Classifies codes, names and points as a person writes them, each distinct one once."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def find(self, texts: Sequence[Any]) -> Found:
        """Classify LIEU after LIEU; one that cannot be read is a row with a reason."""
        import numpy as np
        import pandas as pd

        codes, distinct = pd.factorize(np.asarray(texts, dtype=object), use_na_sentinel=True)
        verdicts: list[Verdict] = []
        held: list[tuple[int, str | None, str | None, str]] = []
        for text in distinct:
            try:
                place = _read(str(text), self._answers)
            except CespGeoError as error:
                held.append((-1, None, None, str(error)))
                continue
            verdicts.append(self._answers.of(place))
            names = " / ".join(item.name for item in place.communes)
            unit = "+".join(item.code for item in place.communes)
            held.append((len(verdicts) - 1, unit, names, ""))
        held.append((-1, None, None, "Le lieu manque : donnez un code, un nom ou un point."))
        which = np.array([item[0] for item in held], dtype=np.int64)[codes]
        columns = []
        for index in (1, 2, 3):
            values = np.empty(len(held), dtype=object)
            values[:] = [item[index] for item in held]
            columns.append(values[codes])
        return Found(columns[0], columns[1], which, verdicts, columns[2])


def _read(text: str, answers: Answers) -> Place:
    return resolve(text, answers.on, answers.catalogue, answers.profession)
