"""The two text tables of the catalogue: designations of a version, calendar of known orders."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from cesp_geo.dates import DayRange, parse_day_range
from cesp_geo.errors import DataError
from cesp_geo.zonings.model import PROFESSIONS, REGIMES, UNIT_TYPES, ZONE_CLASSES, Order
from cesp_geo.zonings.model import Designation as Designation

DESIGNATION_COLUMNS = Designation._fields
_LISTED = DESIGNATION_COLUMNS.index("commune_codes")


def designations_to_csv(designations: Iterable[Designation]) -> bytes:
    """Write designations as UTF-8 csv, one a line, columns of :class:`Designation`.

    ``designated_by``, which most versions leave empty, is a column only where it says something.

    Examples
    --------
    >>> designations_to_csv([Designation("commune", "93008", "Bobigny", "ZIP")]).splitlines()[1]
    b'commune,93008,Bobigny,ZIP,,,whole,confirmed,,,'
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    rows = tuple(designations)
    columns = [
        name
        for name in DESIGNATION_COLUMNS
        if name != "designated_by" or any(item.designated_by for item in rows)
    ]
    writer.writerow(columns)
    for item in rows:
        row = [getattr(item, name) for name in columns]
        writer.writerow([" ".join(cell) if isinstance(cell, tuple) else cell for cell in row])
    return out.getvalue().encode()


def designations_from_csv(content: bytes, where: str) -> tuple[Designation, ...]:
    """Read what :func:`designations_to_csv` wrote; ``where`` names the file in errors."""
    found = []
    reader = csv.reader(io.StringIO(content.decode()))
    columns = tuple(next(reader, ()))
    known = columns in (DESIGNATION_COLUMNS, DESIGNATION_COLUMNS[:-1])
    for row in reader:
        if not known or len(row) != len(columns):
            raise DataError(
                f"{where}, ligne {reader.line_num} : colonnes attendues "
                f"{', '.join(DESIGNATION_COLUMNS)}. Réimportez ce zonage."
            )
        row[_LISTED] = tuple(row[_LISTED].split())  # type: ignore[call-overload]
        item = Designation(*row)  # type: ignore[arg-type]
        if item.unit_type not in UNIT_TYPES or item.zone_class not in ZONE_CLASSES:
            raise DataError(
                f"{where}, ligne {reader.line_num} : maille « {item.unit_type} » ou classe "
                f"« {item.zone_class} » inconnue. Réimportez ce zonage."
            )
        found.append(item)
    return tuple(found)


def orders_from_csv(path: Path) -> tuple[Order, ...]:
    """Read the calendar of known orders.

    Parameters
    ----------
    path : pathlib.Path
        csv with columns ``region_code, profession, order_number, signed_on, published_on,
        effective_from, regime, confidence, source``; a blank day was not found, a day may be
        known to the month or the year only.

    Returns
    -------
    tuple of Order

    Raises
    ------
    DataError
        If a line has no day, or an unknown profession or regime.
    """
    orders = []
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            days = {
                key: parse_day_range(row[column]) if row[column] else None
                for key, column in (
                    ("signed", "signed_on"),
                    ("published", "published_on"),
                    ("effective", "effective_from"),
                )
            }
            if (
                not any(days.values())
                or row["profession"] not in PROFESSIONS
                or row["regime"] not in REGIMES
            ):
                raise DataError(
                    f"{path.name}, ligne {line} : il faut au moins un jour, une profession "
                    "et un régime connus."
                )
            orders.append(
                Order(
                    region=row["region_code"],
                    profession=row["profession"],
                    regime=row["regime"],
                    number=row["order_number"],
                    confidence=row["confidence"],
                    source=row["source"],
                    **days,
                )
            )
    return tuple(orders)


def day_to_json(day: DayRange | None) -> str | None:
    """The ISO text of a day (or month, or year), None where it is unknown."""
    return day.iso if day else None


def day_from_json(text: str | None) -> DayRange | None:
    """Read what :func:`day_to_json` wrote."""
    return parse_day_range(text) if text else None
