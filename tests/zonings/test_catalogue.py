"""The catalogue: versions, clocks, gaps, and what it refuses."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import catalogue_of

from cesp_geo import communes
from cesp_geo.communes.store import data_folder
from cesp_geo.dates import parse_day_range
from cesp_geo.errors import DataError, OutputError, ZoningError
from cesp_geo.siting.check import check_site
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.manifest import make_zoning, read_zoning, verify_zoning, write_zoning
from cesp_geo.zonings.model import Designation, Order, Zoning


def draft(zone_class: str = "ZIP", day: str = "2021-01-01", **more: object) -> Zoning:
    return make_zoning(
        order=Order("28", "medecin", "arrete-2017", effective=parse_day_range(day)),
        title="Normandie",
        millesime=2021,
        scope="region",
        designations=[Designation("commune", "50502", "Saint-Lô", zone_class)],
        departements=["50"],
        recorded_on=date(2026, 11, 23),
        **more,  # type: ignore[arg-type]
    )


def test_embedded_versions_are_whole() -> None:
    catalogue = Catalogue.load()
    assert list(catalogue.zonings) == ["idf-2005", "idf-2012", "paca-qpv-2026"]
    for zoning in catalogue.zonings.values():
        verify_zoning(zoning)
    assert len(catalogue.zoning("paca-qpv-2026").by_subunit) == 135
    assert len(catalogue.orders) == 26


def test_a_known_order_whose_content_is_held_is_no_gap() -> None:
    timeline = Catalogue.load().timeline("11")
    assert [entry.is_gap for entry in timeline] == [False, False, True, True, True]


def test_a_version_is_recorded_once_and_read_back(tmp_path: Path) -> None:
    catalogue = Catalogue.load(tmp_path)
    (added,) = catalogue.add([draft()])
    assert added.id == added.version_id
    assert added.id.startswith("28-medecin-2021-01-01-")
    assert catalogue.add([draft()]) == ()
    again = Catalogue.load(tmp_path).zoning(added.id)
    assert again.designations == draft().designations
    assert check_site("Saint-Lô", on="2022-01-01", catalogue=catalogue).verdict == "eligible"


def test_a_contradiction_must_be_declared(tmp_path: Path) -> None:
    catalogue = Catalogue.load(tmp_path)
    (first,) = catalogue.add([draft()])
    before = sorted(path.name for path in (tmp_path / "zonings").iterdir())
    with pytest.raises(ZoningError, match="rectifie"):
        catalogue.add([draft("HZ")])
    assert sorted(path.name for path in (tmp_path / "zonings").iterdir()) == before
    catalogue.add([draft("HZ", corrects=first.id)])
    assert check_site("Saint-Lô", on="2022-01-01", catalogue=catalogue).verdict == "not_eligible"


def test_all_or_none_is_recorded(tmp_path: Path) -> None:
    catalogue = Catalogue.load(tmp_path)
    with pytest.raises(ZoningError):
        catalogue.add([draft(), draft("HZ")])
    assert not (tmp_path / "zonings").exists()


def test_a_catalogue_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "zonings"
    blocked.write_text("")
    with pytest.raises(OutputError, match="Rien n'a été enregistré"):
        Catalogue([], [], blocked).add([draft()])


@pytest.mark.parametrize("name", ["designations.csv", "datapackage.json"])
def test_an_edited_file_is_recognised(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "idf-2012"
    shutil.copytree(data_folder() / "zonings" / "idf-2012", folder)
    path = folder / name
    path.write_text(path.read_text("utf-8").replace("Bobigny", "Bobignyx").replace("24", "25"))
    with pytest.raises(DataError, match=r"modifié|abîmé"):
        verify_zoning(read_zoning(folder))


def test_a_truncated_manifest_is_one_message(tmp_path: Path) -> None:
    folder = write_zoning(draft(), tmp_path)
    (folder / "datapackage.json").write_text('{"name": "x"')
    with pytest.raises(DataError, match="Manifeste abîmé"):
        read_zoning(folder)


def test_a_manifest_is_a_data_package(tmp_path: Path) -> None:
    package = json.loads((write_zoning(draft(), tmp_path) / "datapackage.json").read_text())
    (resource,) = package["resources"]
    assert resource["path"] == "designations.csv"
    assert resource["hash"].startswith("sha256:")
    assert [field["name"] for field in resource["schema"]["fields"]][:2] == [
        "unit_type",
        "unit_code",
    ]


def test_an_unknown_version_suggests_near_ones() -> None:
    with pytest.raises(ZoningError, match="idf-2012"):
        Catalogue.load().zoning("idf-2013")


def test_layer_is_the_table_with_its_shapes() -> None:
    layer = Catalogue.load().layer("idf-2012")
    assert layer.crs.to_epsg() == 4326
    assert layer.geometry.is_valid.all()
    assert layer["resolved"].all()
    bobigny = layer.set_index("unit_code").loc["93008"]
    expected = communes.polygon(communes.by_code("93008", date(2012, 1, 1)).elits)
    assert bobigny.geometry.equals(expected)


def test_layer_of_another_day_uses_the_shapes_of_that_day() -> None:
    catalogue = Catalogue.load()
    then, now = catalogue.layer("idf-2012"), catalogue.layer("idf-2012", date(2026, 1, 1))
    assert "93059" in set(then["codes"])
    assert "93059" not in set(now["codes"])


DAYS = st.dates(date(2018, 1, 1), date(2026, 1, 1))
CLASSES = st.sampled_from(["ZIP", "ZAC", "HZ", "ZV", None])


@settings(deadline=None, max_examples=80)
@given(st.dictionaries(DAYS, CLASSES, min_size=1, max_size=5), DAYS, DAYS)
def test_a_verdict_holds_for_every_way_to_fill_the_gaps(
    orders: dict[date, str | None], on: date, published: date
) -> None:
    """The oracle: try each class for each gap, and walk the days one by one."""
    listed = max(on, published)
    catalogue = catalogue_of(
        [
            {"region": "28", "effet": day, **({"classes": {"50502": c}} if c else {})}
            for day, c in orders.items()
        ]
    )
    verdict = check_site("50502", on=listed, list_published_on=listed, catalogue=catalogue)
    assert set(verdict.possible) == _by_brute_force(orders, listed)


def _by_brute_force(orders: dict[date, str | None], listed: date) -> set[str]:
    from itertools import product

    from cesp_geo.dates import add_years

    days = sorted(orders)
    # Before the first order, nothing says that the class of the window was still that of the list.
    unknown = ["before", "on the day", *(day for day in days if orders[day] is None)]
    found = set()
    for answers in product((True, False), repeat=len(unknown)):
        case = dict(zip(unknown, answers, strict=True))

        def eligible(day: date, case: dict[date | str, bool] = case) -> bool:
            ruling = max((item for item in days if item <= day), default=None)
            if ruling is None:
                return case["on the day" if day == listed else "before"]
            if orders[ruling] is None:
                return case[ruling]
            return orders[ruling] in ("ZIP", "ZAC")

        window = range(add_years(listed, -3).toordinal(), listed.toordinal())
        if eligible(listed):
            found.add("eligible")
        elif listed >= date(2019, 7, 27) and any(
            eligible(date.fromordinal(number)) for number in window
        ):
            found.add("may_be_maintained")
        else:
            found.add("not_eligible")
    return found
