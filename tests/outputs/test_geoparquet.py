"""GeoParquet that other programs read as it was meant."""

import tempfile
from pathlib import Path

import geopandas as gpd
import pyarrow.parquet as pq
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from cesp_geo.outputs.geoparquet import WGS84, write_geoparquet

POINT = shapely.to_wkb(shapely.Point(2.44, 48.91))
SQUARE = shapely.to_wkb(shapely.box(2, 48, 3, 49))
ROWS = st.lists(
    st.tuples(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.sampled_from([None, POINT, SQUARE]),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_what_is_written_is_read(rows: list[tuple[str, int | None, bytes | None]]) -> None:
    names, counts, shapes = ([row[index] for row in rows] for index in range(3))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "lieux.parquet"
        write_geoparquet(target, {"nom": names, "population": counts}, shapes, {"population"})
        first = target.read_bytes()
        table = pq.read_table(target)
        frame = gpd.read_parquet(target)
        write_geoparquet(target, {"nom": names, "population": counts}, shapes, {"population"})
        assert target.read_bytes() == first
    assert table.column("nom").to_pylist() == names
    assert table.column("population").to_pylist() == counts
    assert table.column("geometry").to_pylist() == shapes
    assert frame["population"].dtype == "Int64"
    assert [None if item is None else shapely.to_wkb(item) for item in frame.geometry] == shapes


def test_its_reference_system_is_that_of_the_shapes() -> None:
    assert CRS.from_json_dict(dict(WGS84)) == CRS.from_epsg(4326)
    assert CRS.from_json_dict(dict(WGS84)).to_epsg() == 4326
