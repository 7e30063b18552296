"""The same question asked of codes, names and points as people write them in a table."""

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.errors import CespGeoError, UnknownPlace
from cesp_geo.siting.bulk import Found, joined
from cesp_geo.siting.place import resolve
from cesp_geo.siting.survey import Answers
from cesp_geo.siting.verdict import Verdict

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Objects = npt.NDArray[np.object_]

_NO_TEXT = "Le lieu manque : donnez un code, un nom ou un point."


class Texts:
    """Classifies codes, names and points as a person writes them, each distinct one once."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def find(self, cells: "Objects", *, border_distance: bool = False) -> Found:
        """Classify LIEU after LIEU; one that cannot be read is a row with a reason."""
        import numpy as np

        codes, distinct = factorized(cells)
        verdicts: list[Verdict] = []
        held: list[tuple[int, str | None, str | None, str, float]] = []
        for cell in distinct:
            text = _text(cell)
            try:
                if not text:
                    raise UnknownPlace(_NO_TEXT)
                place = resolve(
                    text, self._answers.on, self._answers.catalogue, self._answers.profession
                )
            except CespGeoError as error:
                reason = _lost_zero(text, self._answers.on) or str(error)
                held.append((-1, None, None, reason, np.nan))
                continue
            verdicts.append(self._answers.of(place))
            unit, names = joined((item.code, item.name) for item in place.communes)
            distance = np.nan if place.border_distance_m is None else place.border_distance_m
            held.append((len(verdicts) - 1, unit, names, "", distance))
        held.append((-1, None, None, _NO_TEXT, np.nan))
        columns = []
        for values in zip(*held, strict=True):
            column = np.empty(len(held), dtype=object)
            column[:] = values
            columns.append(column[codes])
        which, units, names_of, reasons, distances = columns
        return Found(
            units,
            names_of,
            which.astype(np.int64),
            verdicts,
            reasons,
            distances.astype(float) if border_distance else None,
        )


def factorized(cells: "Objects") -> tuple["npt.NDArray[np.intp]", list[Any]]:
    """Give each row the number of its value, -1 for none; and the distinct values."""
    import numpy as np
    import pandas as pd

    try:
        codes, distinct = pd.factorize(cells, use_na_sentinel=True)
    except TypeError:  # lists and the like
        texts = [None if cell is None else str(cell) for cell in cells]
        codes, distinct = pd.factorize(np.array(texts, dtype=object), use_na_sentinel=True)
    return codes, distinct.tolist()


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()


def _lost_zero(text: str, on: date) -> str:
    """Say which commune a number may have been before a spreadsheet took it for one."""
    match = re.fullmatch(r"(\d{4,5})(?:[.,]0+)?", text)
    found = match and communes.by_code(match[1].zfill(5), on)
    if not match or not found:
        return ""
    lost = "un zéro a été perdu" if len(match[1]) < 5 else "un code devenu nombre"
    return f"« {text} » : {lost} ? {found.code} {found.name}. Écrivez les codes en texte."
