"""Which of some rectangles may hold each of many points: by cell, without a tree."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[Any]
    Floats = npt.NDArray[np.float64]

_STEP = 0.004  # degrees
_SIDE = 1024


class Cells:
    """The plane in cells of some 400 m, rolled up: cells 4° apart are the same one.

    A cell that is far from every rectangle thus gives a few for nothing, never one too few.

    Parameters
    ----------
    bounds : numpy.ndarray of float, shape (n, 4)
        West, south, east and north of each rectangle, in degrees.
    """

    def __init__(self, bounds: "Floats") -> None:
        import numpy as np

        first, last = _along(bounds[:, :2]), _along(bounds[:, 2:])
        last = np.minimum(last, first + _SIDE - 1)
        slots = [
            _slot(*np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1))).ravel()
            for (west, south), (east, north) in zip(first.tolist(), last.tolist(), strict=True)
        ]
        slot = np.concatenate(slots) if slots else np.empty(0, dtype=np.int64)
        order = np.argsort(slot, kind="stable")
        self._boxes = np.repeat(np.arange(len(slots)), [len(item) for item in slots])[order]
        self._first = np.searchsorted(slot[order], np.arange(_SIDE * _SIDE + 1))

    def pairs(self, lon: "Floats", lat: "Floats") -> "tuple[Numbers, Numbers]":
        """Pairs of a point and a rectangle that may hold it; none that does is left out.

        Examples
        --------
        >>> import numpy as np
        >>> cells = Cells(np.array([[2.0, 48.0, 2.1, 48.1], [3.0, 48.0, 3.1, 48.1]]))
        >>> point, box = cells.pairs(np.array([3.05, 2.5]), np.array([48.05, 48.05]))
        >>> point.tolist(), box.tolist()
        ([0], [1])
        """
        import numpy as np

        slot = _slot(_along(lon), _along(lat))
        counts = self._first[slot + 1] - self._first[slot]
        point = np.repeat(np.arange(len(slot)), counts)
        skipped = np.cumsum(counts) - counts - self._first[slot]
        return point, self._boxes[np.arange(len(point)) - skipped[point]]


def _along(degrees: "Floats") -> "Numbers":
    import numpy as np

    return np.floor(degrees * (1 / _STEP)).astype(np.int64)


def _slot(column: "Numbers", row: "Numbers") -> "Numbers":
    return (row & (_SIDE - 1)) * _SIDE + (column & (_SIDE - 1))
