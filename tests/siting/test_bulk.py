"""Millions of rows get the answers that one row gets, whatever lies under the point."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from made_up import catalogue_of

from cesp_geo import check_sites, communes
from cesp_geo.communes.locate import all_shapes, locate
from cesp_geo.dates import parse_day_range
from cesp_geo.errors import CespGeoError, DateError, TableError
from cesp_geo.siting.bulk import NO_POINT, OUT_OF_RANGE, OUTSIDE, SWAPPED
from cesp_geo.siting.check import check_site
from cesp_geo.siting.words import REASON_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.importing import About, prepare
from cesp_geo.zonings.perimeters import read_perimeters
from cesp_geo.zonings.readers.layers import read_layer

FIELDS = ("zone_class", "zoning_id", "verdict", "last_eligible_day", "maintainable_until")
NAMES = ("classe", "zonage", "verdict", "dernier_jour_eligible", "maintenable_jusqu_au")
DAY = date(2013, 6, 1)
DAYS = (date(2018, 6, 1), date(2020, 6, 1), date(2025, 6, 1))


def chequered(profession: str, classes: tuple[str, ...], moved: int) -> dict[str, str]:
    """Classes that change at almost every border, gaps among them."""
    return {
        item.code: classes[(int(item.code[-3:], 36) * 7 + moved) % len(classes)]
        for item in communes.communes(date(2021, 1, 1))
        if item.region in ("53", "11", "04") and int(item.code[-3:], 36) % 5
    }


def orders() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for region in ("53", "11", "04"):
        for moved, effect in enumerate(("2018-01-01", "2023-03-01")):
            for profession, classes in (
                ("medecin", ("ZIP", "ZAC", "HZ", "ZV", "NC")),
                ("chirurgien-dentiste", ("TRES_SOUS_DOTEE", "INTERMEDIAIRE", "SUR_DOTEE")),
            ):
                own = {
                    code: label
                    for code, label in chequered(profession, classes, moved).items()
                    if communes.by_code(code, date(2021, 1, 1)).region == region  # type: ignore[union-attr]
                }
                found.append(
                    {"id": f"{region}-{profession}-{moved}", "region": region, "effet": effect,
                     "profession": profession, "classes": own}
                )  # fmt: skip
    found.append({"region": "53", "effet": "2024-05"})
    return found


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of(orders())


@pytest.fixture(scope="module")
def with_quarters(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """A version whose sub-units are perimeters, some across the borders of communes."""
    folder = tmp_path_factory.mktemp("quartiers")
    rennes = communes.polygon(communes.find("Rennes", DAYS[2]).elits)
    x, y = rennes.centroid.x, rennes.centroid.y
    shapes = [
        shapely.Point(x + 0.03 * step, y + 0.011 * step).buffer(0.009) for step in range(-3, 4)
    ]
    codes = [f"QN0350{step}M" for step in range(len(shapes))]
    frame = gpd.GeoDataFrame(
        {"code": codes, "nom": codes, "classe": ["ZIP", "HZ", "ZAC", "ZIP", "HZ", "ZAC", "ZIP"]},
        geometry=shapes,
        crs="EPSG:4326",
    )
    path = folder / "q.gpkg"
    frame.to_file(path, engine="pyogrio")
    catalogue = catalogue_of(orders())
    catalogue.home = folder / "zonings"
    about = About(
        region="53",
        effective=parse_day_range("2025-01-01"),
        amending=True,
        regime="arrete-2025",
        millesime=2024,
    )
    made = prepare(read_layer(path), about, date(2026, 1, 1))
    catalogue.add(made.drafts, made.perimeters)
    return catalogue


def border_points(count: int, seed: int, regions: tuple[str, ...] = ("53", "11", "04")) -> Any:
    """Points within some 200 m of a border, and as many anywhere in the same communes."""
    random = np.random.default_rng(seed)
    fids = communes.shapes_of_many(
        elit for item in communes.communes(DAYS[2]) if item.region in regions for elit in item.elits
    )
    chosen = all_shapes()[random.choice(np.array(fids), count) - 1]
    on_line = shapely.line_interpolate_point(
        shapely.boundary(chosen), random.uniform(0, 1, count), normalized=True
    )
    moved = random.normal(0, 0.0009, (count, 2)) * (random.uniform(0, 1, (count, 1)) > 0.1)
    return shapely.get_coordinates(on_line) + moved


def same_as_one_by_one(points: Any, catalogue: Catalogue, day: date, **more: Any) -> int:
    frame = pd.DataFrame({"lon": points[:, 0], "lat": points[:, 1]})
    found = check_sites(frame, day, catalogue=catalogue, border_distance=True, **more)
    placed = 0
    for row in found.itertuples():
        try:
            verdict = check_site((row.lon, row.lat), on=day, catalogue=catalogue, **more)
        except CespGeoError:
            assert row.raison in (OUTSIDE, SWAPPED)
            assert pd.isna(row.verdict)
            continue
        placed += 1
        assert row.raison == ""
        plain = verdict.to_json()
        for field, name in zip(FIELDS, NAMES, strict=True):
            value = getattr(row, name)
            assert (None if pd.isna(value) else value) == plain[field], (field, row, verdict)
        expected = " ".join(verdict.possible) if len(verdict.possible) > 1 else ""
        assert row.possibles == expected
        assert row.motif == REASON_WORDS[verdict.reason_code]
        assert row.commune == plain["place"]["on_day_code"]
        assert row.nom_commune == plain["place"]["on_day_name"]
        assert row.distance_limite_m == pytest.approx(plain["place"]["border_distance_m"], abs=0.11)
    return placed


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("profession", ["medecin", "chirurgien-dentiste"])
def test_points_near_borders(catalogue: Catalogue, day: date, profession: str) -> None:
    points = border_points(1500, seed=day.year)
    assert same_as_one_by_one(points, catalogue, day, profession=profession) > 1300


def test_points_on_a_list_day(catalogue: Catalogue) -> None:
    points = border_points(1500, seed=3)
    day = date(2025, 6, 1)
    assert same_as_one_by_one(points, catalogue, day, list_published_on=day) > 1300


def test_points_anywhere_with_the_embedded_versions() -> None:
    random = np.random.default_rng(4)
    points = np.column_stack([random.uniform(1.4, 3.6, 3000), random.uniform(48.1, 49.3, 3000)])
    assert same_as_one_by_one(points, Catalogue.load(), date(2013, 6, 1)) == 3000


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2025, 6, 1)])
def test_points_in_and_around_quarters(with_quarters: Catalogue, day: date) -> None:
    random = np.random.default_rng(5)
    rennes = communes.polygon(communes.find("Rennes", day).elits).centroid
    points = np.column_stack(
        [random.uniform(-0.12, 0.12, 3000) + rennes.x, random.uniform(-0.05, 0.05, 3000) + rennes.y]
    )
    found = check_sites(
        pd.DataFrame({"lon": points[:, 0], "lat": points[:, 1]}), day, catalogue=with_quarters
    )
    assert found["verdict"].nunique() == 3
    assert same_as_one_by_one(points, with_quarters, day) == 3000


def test_codes_and_names_and_days(catalogue: Catalogue) -> None:
    random = np.random.default_rng(6)
    texts: list[str | None] = [
        item.code if number % 2 else f"{item.name} ({item.departement})"
        for number, item in enumerate(communes.communes(date(2019, 1, 1)))
        if item.region in ("53", "11") and random.uniform() < 0.4
    ]
    texts += ["Nulle-Part", None, "", "35238", "48.1,-1.68", "Saint-Denis", "75056", "75101"]
    days = [DAYS[number % 3] for number in range(len(texts))]
    frame = pd.DataFrame({"id": range(len(texts)), "lieu": texts, "jour": days})
    found = check_sites(frame, catalogue=catalogue)
    assert found["id"].tolist() == list(range(len(texts)))
    for row in found.itertuples():
        try:
            if row.lieu is None or pd.isna(row.lieu) or row.lieu == "":
                raise CespGeoError("Le lieu manque")
            verdict = check_site(row.lieu, on=row.jour, catalogue=catalogue)
        except CespGeoError as error:
            expected = str(error)[:14]
            assert row.raison.startswith(expected)
            assert pd.isna(row.verdict)
            continue
        assert (row.verdict, row.raison) == (verdict.verdict, "")
        assert (None if pd.isna(row.zonage) else row.zonage) == verdict.zoning_id


def test_rows_that_cannot_be_placed_say_why() -> None:
    frame = pd.DataFrame(
        {
            "nom": list("abcdefg"),
            "lon": [2.4397, None, float("inf"), 200.0, 48.9068, -30.0, "2,4397"],
            "lat": [48.9068, 48.0, 48.0, 48.0, 2.4397, 45.0, "48,9068"],
        }
    )
    found = check_sites(frame, "2013-06-01")
    assert found["raison"].tolist() == [
        "", NO_POINT, NO_POINT, OUT_OF_RANGE, SWAPPED, OUTSIDE, "",
    ]  # fmt: skip
    assert found["nom"].tolist() == list("abcdefg")
    assert found["verdict"].tolist()[0] == found["verdict"].tolist()[6] == "eligible"


def test_frames_layers_and_arrow_agree() -> None:
    random = np.random.default_rng(8)
    points = np.column_stack([random.uniform(2.2, 2.6, 400), random.uniform(48.7, 49.0, 400)])
    day = date(2013, 6, 1)
    frame = pd.DataFrame({"id": range(400), "lon": points[:, 0], "lat": points[:, 1]})
    layer = gpd.GeoDataFrame(
        {"id": range(400)}, geometry=gpd.points_from_xy(*points.T), crs="EPSG:4326"
    ).to_crs("EPSG:2154")
    one = check_sites(frame, day)
    two = check_sites(layer, day)
    three = check_sites(pa.Table.from_pandas(frame, preserve_index=False), day)
    assert one["commune"].tolist() == two["commune"].tolist() == three["commune"].to_pylist()
    assert isinstance(two, gpd.GeoDataFrame)
    assert three["id"].to_pylist() == list(range(400))


@pytest.mark.parametrize(
    ("frame", "on", "says"),
    [
        (pd.DataFrame({"x1": [1]}), "2013-06-01", "lon et lat"),
        (pd.DataFrame({"code": ["93008"]}), None, "jour"),
        (
            gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(2, 48)]),
            "2013-06-01",
            "coordonnées",
        ),
        (
            gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.box(2, 48, 3, 49)], crs=4326),
            "2013-06-01",
            "un point par ligne",
        ),
    ],
)
def test_bad_tables(frame: pd.DataFrame, on: str | None, says: str) -> None:
    with pytest.raises(TableError, match=says):
        check_sites(frame, on)


def test_an_empty_table_stays_empty_with_its_columns() -> None:
    found = check_sites(pd.DataFrame({"lon": [], "lat": []}), "2013-06-01")
    assert len(found) == 0
    assert {"verdict", "raison"} <= set(found.columns)


def test_a_point_in_an_inseparable_group() -> None:
    day = date(2012, 1, 1)
    group = next(row for row in communes.shapes(day).itertuples() if not row.resolved)
    point = group.geometry.representative_point()
    found = check_sites(pd.DataFrame({"lon": [point.x], "lat": [point.y]}), day)
    located = locate(point.x, point.y, day)
    assert len(located.communes) > 1
    assert found["commune"].tolist() == [" ".join(item.code for item in located.communes)]
    assert found["nom_commune"].tolist() == [", ".join(item.name for item in located.communes)]


def test_the_columns_of_the_table_are_kept_as_they_are() -> None:
    frame = pd.DataFrame({"commune": ["Saint-Denis (93)"], "date": ["2001-01-01"], "verdict": [1]})
    for found in (
        check_sites(frame, "2013-06-01"),
        check_sites(pa.Table.from_pandas(frame), "2013-06-01").to_pandas(),
    ):
        assert found[frame.columns].equals(frame)
        assert found["commune_cesp"].tolist() == ["93066"]
        assert found["verdict_cesp"].tolist() == ["not_eligible"]
        assert found["zonage"].tolist() == ["idf-2012"]


@pytest.mark.parametrize(
    ("profession", "more"),
    [
        ("sage-femme", {"applied_on": date(2026, 1, 20)}),
        ("pharmacien", {}),
        ("medecin", {"known_on": date(2025, 1, 1)}),
    ],
)
def test_other_professions_and_what_was_known(
    with_quarters: Catalogue, profession: str, more: dict[str, Any]
) -> None:
    points = border_points(400, seed=9)
    day = date(2026, 2, 1)
    assert same_as_one_by_one(points, with_quarters, day, profession=profession, **more) > 350


def test_points_at_the_edge_of_a_region_under_quarters(with_quarters: Catalogue) -> None:
    """Where only a sub-unit, or only a neighbour's order, says something: the reason follows."""
    points = border_points(1200, seed=10, regions=("53", "52", "28"))
    assert same_as_one_by_one(points, with_quarters, DAYS[2]) > 1000


def test_the_quarters_of_points_on_their_borders_and_where_doubt_ends(
    with_quarters: Catalogue,
) -> None:
    index = with_quarters.perimeters
    assert index is not None
    shapes = read_perimeters(with_quarters.zonings[next(iter(index.located))[0]])
    random = np.random.default_rng(12)
    lines = np.repeat(shapely.boundary(list(shapes.values())), 150)
    on_line = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, random.uniform(0, 1, len(lines)), normalized=True)
    )
    angle = random.uniform(0, 2 * np.pi, len(lines))
    # A hundred metres, and a little more or less, in degrees at this latitude.
    away = random.normal(100, 15, len(lines)) / np.array([[74_400], [111_200]])
    at_edge = on_line + (away * [np.cos(angle), np.sin(angle)]).T
    corners = shapely.get_coordinates(list(shapes.values()))
    elsewhere = corners + np.array([4.096, 0]), corners - np.array([0, 4.096])
    points = np.vstack([on_line, at_edge, corners, *elsewhere])
    rows, inside, near = index.sets_of(points[:, 0].copy(), points[:, 1].copy())
    found = {
        row: (index.units(one), index.units(other))
        for row, one, other in zip(rows.tolist(), inside.tolist(), near.tolist(), strict=True)
    }
    for row, (lon, lat) in enumerate(points.tolist()):
        expected = index.covering(lon, lat), index.near(lon, lat, communes.POSITIONAL_ACCURACY_M)
        assert found.get(row, (set(), set())) == expected
    assert 0 < len(found) < len(points) - 2 * len(corners)


def test_quarters_by_their_codes(with_quarters: Catalogue) -> None:
    frame = pd.DataFrame({"qpv": ["QN03500M", "QN03501M", "QN99999M"]})
    found = check_sites(frame, DAYS[2], catalogue=with_quarters)
    for code, verdict in zip(frame["qpv"].tolist()[:2], found["verdict"], strict=False):
        assert verdict == check_site(code, on=DAYS[2], catalogue=with_quarters).verdict
    assert "QN99999M" in found["raison"].tolist()[2]


def test_many_days_of_the_same_points(catalogue: Catalogue) -> None:
    points = border_points(60, seed=11)
    days = [date(year, month, 15) for year in range(2017, 2025) for month in (1, 7)]
    frame = pd.DataFrame(
        [(x, y, day) for day in days for x, y in points], columns=["lon", "lat", "jour"]
    )
    found = check_sites(frame, catalogue=catalogue)
    for day in days:
        alone = check_sites(frame[frame["jour"] == day], catalogue=catalogue)
        some = found[found["jour"] == day]
        assert some.astype(object).fillna("").equals(alone.astype(object).fillna(""))
    for row in found.iloc[::17].itertuples():
        if not row.raison:
            verdict = check_site((row.lon, row.lat), on=row.jour, catalogue=catalogue)
            assert (row.verdict, row.motif) == (
                verdict.verdict, REASON_WORDS[verdict.reason_code],
            )  # fmt: skip


PLACE = {"lon": [2.4397, 2.36], "lat": [48.9068, 48.93]}


@pytest.mark.parametrize(
    "days",
    [
        pd.to_datetime(["2013-06-01", "2008-01-01"]),
        pd.to_datetime(["2013-06-01", "2008-01-01"]).tz_localize("Europe/Paris"),
        ["2013-06-01T00:00:00", "2008-01-01 00:00:00"],
        [20130601, 20080101],
        [20130601.0, 20080101.0],
        ["01/06/2013", "1er janvier 2008"],
        pd.Categorical(["2013-06-01", "2008-01-01"]),
        pd.array([date(2013, 6, 1), date(2008, 1, 1)], dtype=pd.ArrowDtype(pa.date32())),
    ],
)
def test_days_as_people_and_programs_write_them(days: Any) -> None:
    found = check_sites(pd.DataFrame({**PLACE, "jour": days}))
    assert found["verdict"].tolist() == ["eligible", "undetermined"]


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (date(9999, 1, 1), "1900"), ("1800-01-01", "1900"), (pd.Timestamp(1899, 12, 31), "1900"),
        ([1], "illisible"), ("2013-02-30", "n'existe pas"), (np.array([2]), "illisible"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_read_is_the_reason_of_its_row(day: Any, says: str) -> None:
    for place in (PLACE, {"code": ["93008", "93029"]}):
        found = check_sites(pd.DataFrame({**place, "jour": [day, date(2013, 6, 1)]}, dtype=object))
        assert found["raison"].tolist()[1] == ""
        assert says in found["raison"].tolist()[0]


@pytest.mark.parametrize("day", [datetime(2013, 6, 1, 12), pd.Timestamp("2013-06-01")])
def test_a_day_with_its_hour_for_all_rows(day: Any) -> None:
    assert check_sites(pd.DataFrame(PLACE), day)["verdict"].tolist() == ["eligible", "not_eligible"]
    with pytest.raises(DateError, match="1900"):
        check_sites(pd.DataFrame(PLACE), date(1800, 1, 1))


def test_a_day_before_the_commune_was_there() -> None:
    found = check_sites(pd.DataFrame(PLACE), "1950-01-01")
    assert all("Aucune commune" in reason for reason in found["raison"])


def layer(**columns: Any) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(PLACE["lon"], PLACE["lat"], crs=4326)
    return gpd.GeoDataFrame(columns, geometry=points).to_crs(2154)


def test_layers_by_way_of_arrow(tmp_path: Path) -> None:
    path = tmp_path / "g.parquet"
    layer(id=[1, 2]).to_parquet(path)
    for table in (pq.read_table(path), layer(id=[1, 2]).to_arrow()):
        found = check_sites(table, DAY)
        assert found["verdict"].to_pylist() == ["eligible", "not_eligible"]
        assert "geometry" in found.column_names


def test_the_geometry_wins_over_other_columns() -> None:
    frame = layer(x=[652000.0, 652000.0], y=[6862000.0, 6862000.0])
    assert check_sites(frame, DAY)["verdict"].tolist() == ["eligible", "not_eligible"]
    bare = gpd.GeoDataFrame({"code": ["93008", "93066"]})
    assert check_sites(bare, DAY)["verdict"].tolist() == ["eligible", "not_eligible"]


@pytest.mark.parametrize(
    "cells",
    [
        lambda axis: pd.Categorical([str(cell).replace(".", ",") for cell in PLACE[axis]]),
        lambda axis: pd.array(
            [str(cell).replace(".", ",") for cell in PLACE[axis]],
            dtype=pd.ArrowDtype(pa.large_string()),
        ),
        lambda axis: [Decimal(str(cell)) for cell in PLACE[axis]],
    ],
)
def test_degrees_of_any_type(cells: Any) -> None:
    frame = pd.DataFrame({axis: cells(axis) for axis in ("lon", "lat")})
    assert check_sites(frame, DAY)["verdict"].tolist() == ["eligible", "not_eligible"]
    if isinstance(frame["lon"].dtype, pd.CategoricalDtype):
        table = pa.Table.from_pandas(frame)
        assert check_sites(table, DAY)["verdict"].to_pylist() == ["eligible", "not_eligible"]


@pytest.mark.parametrize(
    ("sites", "says"),
    [
        (pd.DataFrame({"geometry": ["POINT(2 48)"]}), "en texte"),
        (pd.DataFrame([[1, 2, 48]], columns=["lon", "lon", "lat"]), "deux fois"),
        (pd.DataFrame([[2, 48]], columns=pd.MultiIndex.from_tuples([("lon", ""), ("lat", "")])),
         "niveaux"),
        (gpd.GeoDataFrame({"a": [1]}), "lon et lat"),
        ([{"lon": 1}], "table"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_sites(sites: Any, says: str) -> None:
    with pytest.raises(TableError, match=says):
        check_sites(sites, DAY)


def test_runs_one_after_the_other_keep_each_answer() -> None:
    for own in ({"nom": ["Pierrefitte-sur-Seine"]}, {"commune": ["Pierrefitte-sur-Seine"]}):
        frame = pd.DataFrame(own)
        for day in ("2013-06-01", "2026-06-01", "2013-06-01"):
            frame = check_sites(frame, day)
        codes = [name for name in frame.columns if name.startswith("commune") and name not in own]
        assert frame[codes].notna().iloc[0].tolist() == [True, False, True]
        kept = [name for name in frame.columns if name.startswith("verdict")]
        assert kept == ["verdict", "verdict_cesp", "verdict_cesp2"]


def test_a_named_index_names_the_place_and_stays() -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["93008", "93066"], name="code"))
    found = check_sites(frame, DAY)
    assert found.index.equals(frame.index)
    assert found["verdict"].tolist() == ["eligible", "not_eligible"]
    table = check_sites(pa.Table.from_pandas(frame), DAY)
    assert table.column_names[:3] == ["a", "code", "commune"]


def test_a_code_that_lost_its_zero_is_named_and_never_guessed() -> None:
    frame = pd.DataFrame({"code": [1001, "1001", "93008.0", 93008.0, "9999"]}, dtype=object)
    found = check_sites(frame, DAY)
    assert found["verdict"].notna().tolist() == [False, False, False, True, False]
    for row in (0, 1):
        assert "01001 L'Abergement-Clémenciat" in found["raison"].tolist()[row]
    assert "93008 Bobigny" in found["raison"].tolist()[2]
    assert "zéro" not in found["raison"].tolist()[4]
