"""What a table of sites says of each row: its place, and its day."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from cesp_geo.communes import name_key
from cesp_geo.dates import checked_day, parse_day
from cesp_geo.errors import DateError, TableError
from cesp_geo.siting.bulk import COLUMNS
from cesp_geo.siting.texts import factorized

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

TITLES = {
    "lon": ("lon", "longitude", "x", "lng"),
    "lat": ("lat", "latitude", "y"),
    "place": (
        "lieu", "code", "code insee", "insee", "code commune", "codgeo", "commune", "qpv",
        "code qpv", "nom", "nom commune", "ville",
    ),
    "day": ("jour",),
}  # fmt: skip
NO_DAY = "Le jour manque ou n'est pas une date : écrivez par exemple 2024-03-15."
_UNREADABLE = (
    "La géométrie, ou ce que le fichier dit d'elle (GeoParquet), est illisible. Enregistrez-le de "
    "nouveau avec un logiciel de cartes, ou donnez les colonnes lon et lat."
)
_COMPACT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?)?")


def columns_of(titles: Iterable[Any], geometry: str | None = None) -> dict[str, str]:
    """Give the columns that say where and when: ``geometry``, ``lon`` and ``lat``, or ``place``.

    The columns that an earlier run added are read only where no other names the place.

    Parameters
    ----------
    titles : iterable of str
    geometry : str, optional
        The column of the geometries of a layer; it wins.

    Returns
    -------
    dict of str to str
        With ``day`` where a column gives the day.

    Raises
    ------
    TableError
        If none names a place, or a title is there twice.

    Examples
    --------
    >>> columns_of(["id", "X", "Y", "jour"])
    {'lon': 'X', 'lat': 'Y', 'day': 'jour'}
    """
    read = list(titles)
    if any(isinstance(title, tuple) for title in read):
        raise TableError("Les titres ont plusieurs niveaux. Donnez un seul titre par colonne.")
    if double := next((title for title in read if read.count(title) > 1), None):
        raise TableError(f"La colonne « {double} » est là deux fois. Renommez l'une des deux.")
    own = _added_before(map(str, read))
    names: dict[str, str] = {}
    for title in sorted(read, key=lambda title: title in own):
        names.setdefault(name_key(str(title).replace("_", " ")), title)
    found = {}
    for kind, known in TITLES.items():
        held = [names[name] for name in known if name in names]
        if held:
            found[kind] = min(held, key=lambda title: title in own)
    day = {"day": found["day"]} if "day" in found else {}
    if geometry is not None:
        return {"geometry": geometry, **day}
    if {"lon", "lat"} <= set(found):
        return {"lon": found["lon"], "lat": found["lat"], **day}
    if "place" in found:
        return {"place": found["place"], **day}
    text = " Une géométrie en texte n'est pas lue." if "geometry" in names else ""
    raise TableError(
        "Aucune colonne ne dit le lieu. Donnez lon et lat, une couche de points, ou une colonne "
        f"code, commune ou lieu.{text} Colonnes lues : {', '.join(map(str, read)) or '—'}."
    )


def _added_before(titles: Iterable[str]) -> set[str]:
    """Our columns of places: of a title that the table had itself there is one copy more."""
    held = list(titles)
    copies = {
        name: sum(re.fullmatch(rf"{name}(_cesp\d*)?", title) is not None for title in held)
        for name in COLUMNS
    }
    runs = min(copies.values())
    return {name for name in ("commune", "nom_commune") if runs and copies[name] == runs}


def free_titles(taken: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Give each new column a title that the table has not.

    Examples
    --------
    >>> free_titles(["motif", "motif_cesp"], ["motif", "classe"])
    {'motif': 'motif_cesp2', 'classe': 'classe'}
    """
    held, found = set(taken), {}
    for name in names:
        title, number = name, 1
        while title in held:
            title = f"{name}_cesp{number if number > 1 else ''}"
            number += 1
        found[name] = title
    return found


def arrow_columns(schema: "pa.Schema") -> dict[str, str]:
    """Give the columns that say where and when in an Arrow table; see :func:`columns_of`."""
    return columns_of(schema.names, next(iter(_geometries(schema)), None))


def arrow_frame(table: "pa.Table", names: Iterable[str] | None = None) -> "pd.DataFrame":
    """Give some columns of an Arrow table (all by default) as a frame; points as geometries."""
    used = table.select(list(dict.fromkeys(table.column_names if names is None else names)))
    geometries = _geometries(table.schema)
    first = next((name for name in geometries if name in used.column_names), None)
    if first is None:
        frame: pd.DataFrame = used.to_pandas(ignore_metadata=True)
        return frame
    import geopandas as gpd
    from shapely.errors import ShapelyError

    for name, said in geometries.items():
        if (index := used.schema.get_field_index(name)) >= 0:
            field = used.schema.field(index).with_metadata(said)
            used = used.set_column(index, field, used.column(index))
    try:
        layer: pd.DataFrame = gpd.GeoDataFrame.from_arrow(
            used.replace_schema_metadata(None), geometry=first
        )
    except (ShapelyError, RuntimeError, ValueError, TypeError):
        raise TableError(_UNREADABLE) from None
    return layer


def _geometries(schema: "pa.Schema") -> dict[str, dict[Any, Any]]:
    """What the fields of geometries say of themselves, or the header of GeoParquet of them."""
    header = (schema.metadata or {}).get(b"geo")
    if header is None:
        return {
            field.name: dict(field.metadata)
            for field in schema
            if (field.metadata or {}).get(b"ARROW:extension:name", b"").startswith(b"geoarrow")
        }
    try:
        geo = json.loads(header)
        of = {name: _said(own) for name, own in geo["columns"].items()}
        return dict(sorted(of.items(), key=lambda item: item[0] != geo["primary_column"]))
    except (ValueError, LookupError, TypeError, AttributeError):
        raise TableError(_UNREADABLE) from None


def _said(own: dict[str, Any]) -> dict[Any, Any]:
    crs = own.get("crs", "OGC:CRS84")
    return {
        "ARROW:extension:name": f"geoarrow.{own['encoding'].lower()}",
        "ARROW:extension:metadata": json.dumps({"crs": crs} if crs else {}),
    }


def places_of(frame: "pd.DataFrame", where: Mapping[str, str]) -> tuple[Any, ...]:
    """Give longitudes and latitudes; else the cells that name the places."""
    import numpy as np
    import pandas as pd

    if "lon" in where:
        return tuple(numbers(frame[where[axis]]) for axis in ("lon", "lat"))
    if "place" in where:
        return (frame[where["place"]].astype(object).to_numpy(),)
    geometry: Any = frame[where["geometry"]]
    if geometry.crs is None:
        raise TableError(
            "La couche ne dit pas son système de coordonnées. Enregistrez-la avec, par exemple "
            "EPSG:2154, ou donnez les colonnes lon et lat."
        )
    kinds = geometry.dropna().geom_type
    if not kinds.eq("Point").all():
        raise TableError(
            f"La géométrie doit être un point par ligne ; il y a {', '.join(sorted(set(kinds)))}."
        )
    points = geometry.to_crs("EPSG:4326")
    return tuple(np.asarray(pd.Series(axis), dtype=float) for axis in (points.x, points.y))


def numbers(values: "pd.Series[Any]") -> Any:
    """Read a column of degrees, whose decimal mark may be a comma; nan where it is no number."""
    import numpy as np
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(values.dtype):
        values = pd.to_numeric(values.astype(object).map(_degrees), errors="coerce")
    return values.to_numpy(dtype=float, na_value=np.nan)


def _degrees(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell.replace(",", ".")
    return cell if hasattr(cell, "__float__") else None


def days_of(values: "pd.Series[Any]", on: date | None) -> tuple[Any, list[date], list[str]]:
    """Give for each row the number of its day, and of a day that cannot be read why.

    Returns
    -------
    numbers : numpy.ndarray of int, shape (n,)
        Negative where there is no day.
    days : list of datetime.date
    reasons : list of str
        In French, by the negative numbers in order, the last that of -1.
    """
    import numpy as np

    codes, distinct = factorized(values.astype(object).to_numpy())
    days: dict[date, int] = {}
    reasons = {NO_DAY: -1}
    found = []
    for value in [*distinct, None]:
        try:
            day = on if value is None or value == "" else _day_in(value)
        except DateError as error:
            found.append(reasons.setdefault(str(error), -len(reasons) - 1))
            continue
        found.append(-1 if day is None else days.setdefault(day, len(days)))
    return np.array(found)[codes], list(days), [*reasons][::-1]


def _day_in(value: Any) -> date | None:
    """Read a day of a cell; None where it is missing."""
    if value != value:
        return None
    if isinstance(value, date):
        return checked_day(value.date() if isinstance(value, datetime) else value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    if match := _COMPACT.fullmatch(text):
        text = "-".join(match.groups())
    return parse_day(text) if text else None


def day_asked(value: Any) -> date | None:
    """Read a day given for a whole table: a day, a date with its hour, or a text.

    Raises
    ------
    DateError
        If it is no day, or before 1900 or after 2199.
    """
    if value is None:
        return None
    if isinstance(value, str):
        value = parse_day(value)
    day = value.date() if isinstance(value, datetime) else value
    if not isinstance(day, date):
        raise DateError(f"Date illisible : « {value} ». Écrivez par exemple 2024-03-15.")
    return checked_day(day)
