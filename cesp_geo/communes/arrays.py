"""Sets and keys for many rows at once, as whole numbers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[Any]


def rows_of_sets(of_row: "Numbers", value: "Numbers") -> "tuple[Numbers, Numbers]":
    """Gather pairs (row, value) by row: the rows, and their sorted values padded with -1.

    Parameters
    ----------
    of_row, value : numpy.ndarray of int, shape (n,)
        From 0 to 2³¹.

    Returns
    -------
    rows : numpy.ndarray of int, shape (m,)
    sets : numpy.ndarray of int, shape (m, k)

    Examples
    --------
    >>> import numpy as np
    >>> rows, sets = rows_of_sets(np.array([4, 1, 4]), np.array([9, 7, 8]))
    >>> rows.tolist(), sets.tolist()
    ([1, 4], [[7, -1], [8, 9]])
    """
    import numpy as np

    pairs = np.unique((of_row.astype(np.int64) << 31) + value)
    if not len(pairs):
        return np.empty(0, dtype=np.int64), np.full((0, 1), -1, dtype=np.int64)
    row = pairs >> 31
    rows, first, counts = np.unique(row, return_index=True, return_counts=True)
    sets = np.full((len(rows), counts.max()), -1, dtype=np.int64)
    place = np.arange(len(pairs)) - np.repeat(first, counts)
    sets[np.repeat(np.arange(len(rows)), counts), place] = pairs & ((1 << 31) - 1)
    return rows, sets


def distinct_rows(columns: "Sequence[Numbers]") -> "tuple[Numbers, Numbers]":
    """Find the distinct rows of some columns.

    Parameters
    ----------
    columns : sequence of numpy.ndarray of int, shape (n,)
        From -1 on.

    Returns
    -------
    examples : numpy.ndarray of int, shape (m,)
        A row of each kind.
    kind : numpy.ndarray of int, shape (n,)
        For each row, which kind it is.

    Examples
    --------
    >>> import numpy as np
    >>> distinct_rows([np.array([3, 1, 3]), np.array([0, 0, 0])])[1].tolist()
    [1, 0, 1]
    """
    import numpy as np

    kind: Any = np.zeros(len(columns[0]), dtype=np.int64)
    examples: Any = np.zeros(0, dtype=np.int64)
    for column in columns:
        key = (kind << 31) + (column.astype(np.int64) + 1)
        _, examples, kind = np.unique(key, return_index=True, return_inverse=True)
    return examples, kind
