"""Communes in time, by brute force over every code of every yearly list."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cesp_geo import communes
from cesp_geo.communes import store

TODAY = date(2026, 1, 1)
OVERSEAS = ("975", "977", "978", "98")


def codes_of_list(year: int) -> set[str]:
    found = store.connection().execute("SELECT code FROM millesimes WHERE year = ?", (year,))
    quarters = {item.code for item in communes.communes(TODAY, "arrondissement_municipal")}
    return {code for (code,) in found} - quarters


@pytest.mark.parametrize("year", communes.MILLESIMES)
def test_every_code_of_a_list_resolves_to_the_present_and_back(year: int) -> None:
    then = {item.code: item for item in communes.communes(date(year, 1, 1))}
    assert set(then) == codes_of_list(year)
    now = {item.code: item for item in communes.communes(TODAY)}
    reached = set()
    for item in then.values():
        heirs = communes.counterparts(item, TODAY)
        assert heirs
        reached |= {heir.code for heir in heirs}
        for heir in heirs:
            assert item in communes.counterparts(heir, date(year, 1, 1))
    assert reached == set(now)


def test_communes_of_2012_are_those_of_insee() -> None:
    then = communes.communes(date(2012, 1, 1))
    assert sum(not item.code.startswith(OVERSEAS) for item in then) == 36_700


@pytest.mark.parametrize(
    ("year", "total"),
    [
        (2019, 66_184_087),
        (2021, 67_853_065),
        (2022, 68_026_247),
        (2023, 68_022_969),
        (2024, 68_625_077),
        (2025, 68_952_941),
        (2026, 68_952_941),
    ],
)
def test_populations_add_up_to_the_source(year: int, total: int) -> None:
    """Totals of the yearly lists, counted on the source by the build."""
    codes = codes_of_list(year)
    found = communes.populations(year)
    assert sum(found.get(code, 0) for code in codes) == total


@pytest.mark.parametrize("year", range(2005, 2027))
def test_the_communes_of_a_day_share_out_the_elits(year: int) -> None:
    held = [elit for item in communes.communes(date(year, 1, 1)) for elit in item.elits]
    (count,) = store.connection().execute("SELECT count(*) FROM elits").fetchone()
    assert sorted(held) == list(range(1, count + 1))


KNOWN = [item.code for item in communes.communes(date(2005, 1, 1))][::37]
DAYS = st.dates(date(2005, 1, 1), TODAY)


@given(st.sampled_from(KNOWN), DAYS, DAYS)
def test_going_to_another_day_and_back_loses_nothing(code: str, there: date, back: date) -> None:
    commune = communes.by_code(code, date(2005, 1, 1))
    assert commune is not None
    elits = {elit for item in communes.counterparts(commune, there) for elit in item.elits}
    assert set(commune.elits) <= elits
    assert communes.history(code, there, back) == communes.history(code, back, there)


def test_tenures_follow_each_other_without_gap() -> None:
    communes.preload()
    (count,) = store.connection().execute("SELECT count(*) FROM elits").fetchone()
    for elit in range(1, count + 1):
        tenures = communes.tenures(elit)
        ends = [item.period.end for item in tenures]
        assert ends[-1] is None
        assert [item.period.start for item in tenures[1:]] == ends[:-1]


def test_records_read_at_once_are_found_by_code() -> None:
    communes.preload()
    for day in (date(2005, 1, 1), date(2013, 6, 1), TODAY):
        for kind in ("commune", "arrondissement_municipal"):
            for item in communes.communes(day, kind):
                assert communes.by_code(item.code, day) == item


@pytest.mark.parametrize(
    ("name", "day", "code", "now"),
    [
        ("Freigné", date(2013, 6, 1), "49144", {"44180"}),
        ("Gernicourt", date(2013, 6, 1), "02344", {"51171"}),
        ("Le Fresne-sur-Loire", date(2013, 6, 1), "44060", {"49160"}),
        ("Bois-Guillaume-Bihorel", date(2013, 6, 1), "76108", {"76108", "76095"}),
        ("Loisey-Culey", date(2013, 6, 1), "55298", {"55298", "55138"}),
        ("Saline", date(2018, 6, 1), "14712", {"14712", "14666"}),
        ("L'Oie", date(2013, 6, 1), "85165", {"85165"}),
        ("Pierrefitte-sur-Seine", date(2013, 6, 1), "93059", {"93066"}),
        ("Neuville-Garnier", date(2013, 6, 1), "60455", {"60694"}),
    ],
)
def test_known_breakers(name: str, day: date, code: str, now: set[str]) -> None:
    commune = communes.find(name, day)
    assert commune.code == code
    assert {item.code for item in communes.counterparts(commune, TODAY)} == now


def test_reasons_are_said() -> None:
    reasons = {
        reason for (reason,) in store.connection().execute("SELECT DISTINCT reason FROM changes")
    }
    assert reasons == {
        "fusion",
        "création de commune nouvelle",
        "rétablissement",
        "changement de nom",
        "changement de code",
        "transfert de département",
    }


def test_the_store_is_the_one_its_manifest_describes() -> None:
    folder = store.data_folder() / "communes"
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert (folder / "communes.gpkg").stat().st_size == package["resources"][0]["bytes"]
