"""GeoParquet 1.1 from columns and stored shapes, without making a shape of any of them.

Format: https://geoparquet.org/releases/v1.1.0/ (geometry as WKB, CRS as PROJJSON).
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cesp_geo.outputs.files import writing

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

_KINDS = {1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 6: "MultiPolygon"}
_DEGREES = {"unit": "degree"}
WGS84: Mapping[str, Any] = {
    "$schema": "https://proj.org/schemas/v0.7/projjson.schema.json",
    "type": "GeographicCRS",
    "name": "WGS 84",
    "datum": {
        "type": "GeodeticReferenceFrame",
        "name": "World Geodetic System 1984",
        "ellipsoid": {
            "name": "WGS 84",
            "semi_major_axis": 6378137,
            "inverse_flattening": 298.257223563,
        },
    },
    "coordinate_system": {
        "subtype": "ellipsoidal",
        "axis": [
            {
                "name": "Geodetic latitude",
                "abbreviation": "Lat",
                "direction": "north",
                **_DEGREES,
            },
            {
                "name": "Geodetic longitude",
                "abbreviation": "Lon",
                "direction": "east",
                **_DEGREES,
            },
        ],
    },
    "id": {"authority": "EPSG", "code": 4326},
}
"""EPSG:4326; coordinates are longitude first, as GeoParquet wants them under any CRS."""


def write_geoparquet(
    target: Path,
    columns: Mapping[str, Sequence[Any]],
    shapes: Sequence[bytes | None],
    integers: Collection[str] = (),
    title: str = "",
) -> None:
    """Write columns and their shapes; the same ones give the same bytes.

    Parameters
    ----------
    target : pathlib.Path
    columns : mapping of str to sequence, n values each
        Text, or whole numbers (None for no value) where ``integers`` names the column.
    shapes : sequence of bytes or None, n values
        WKB, little-endian, in EPSG:4326.
    integers : collection of str
    title : str
        Kept in the file's metadata.

    Raises
    ------
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile, geopandas, shapely
    >>> target = Path(tempfile.mkdtemp()) / "lieux.parquet"
    >>> write_geoparquet(target, {"code": ["93008"]}, [shapely.to_wkb(shapely.Point(2, 48))])
    >>> geopandas.read_parquet(target).crs.to_epsg()
    4326
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {
        name: _numbers(values) if name in integers else _texts(values)
        for name, values in columns.items()
    }
    table = pa.table({**arrays, "geometry": _shapes(shapes)})
    described = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "crs": WGS84,
                "geometry_types": sorted(_kinds(shapes)),
            }
        },
    }
    # Read as floats otherwise, where some are missing.
    whole = [
        {"name": name, "field_name": name, "pandas_type": "int64", "numpy_type": "Int64"}
        for name in integers
    ]
    pandas = {"index_columns": [], "column_indexes": [], "columns": whole}
    table = table.replace_schema_metadata(
        {"title": title, "geo": json.dumps(described), "pandas": json.dumps(pandas)}
    )
    with writing(target) as path:
        pq.write_table(table, path)


def _texts(values: Sequence[str]) -> "pa.Array":
    import numpy as np
    import pyarrow as pa

    content = "".join(values)
    sizes = map(len, values if content.isascii() else map(str.encode, values))
    return _sequences(pa.string(), np.ones(len(values), dtype=bool), sizes, content.encode())


def _shapes(values: Sequence[bytes | None]) -> "pa.Array":
    import pyarrow as pa

    filled = [shape or b"" for shape in values]
    return _sequences(pa.binary(), _present(values), map(len, filled), b"".join(filled))


def _sequences(
    kind: "pa.DataType", present: "npt.NDArray[np.bool_]", sizes: Iterable[int], content: bytes
) -> "pa.Array":
    """Make an Arrow array of its buffers: ``pyarrow.array`` would load the whole of pandas."""
    import numpy as np
    import pyarrow as pa

    ends = np.zeros(len(present) + 1, dtype=np.int32)
    np.cumsum(np.fromiter(sizes, np.int32, len(present)), out=ends[1:])
    buffers = [_bits(present), pa.py_buffer(ends), pa.py_buffer(content)]
    return pa.Array.from_buffers(kind, len(present), buffers)


def _numbers(values: Sequence[int | None]) -> "pa.Array":
    import numpy as np
    import pyarrow as pa

    content = np.array([number or 0 for number in values], dtype=np.int64)
    buffers = [_bits(_present(values)), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.int64(), len(values), buffers)


def _present(values: Sequence[object]) -> "npt.NDArray[np.bool_]":
    import numpy as np

    if None not in values:
        return np.ones(len(values), dtype=bool)
    return np.array([item is not None for item in values], dtype=bool)


def _bits(present: "npt.NDArray[np.bool_]") -> "pa.Buffer":
    import numpy as np
    import pyarrow as pa

    return pa.py_buffer(np.packbits(present, bitorder="little"))


def _kinds(shapes: Iterable[bytes | None]) -> set[str]:
    """Kinds of some shapes: the number that follows the byte order."""
    return {_KINDS[number] for number in {shape[1] for shape in shapes if shape}}
