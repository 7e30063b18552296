"""What changed: exact, reversible, and the same whichever millésime a table is written in."""

import json
import time
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import catalogue_of

from cesp_geo import communes
from cesp_geo.cli import main
from cesp_geo.errors import ZoningError
from cesp_geo.siting.comparison import (
    Classification,
    apply,
    classify,
    classify_day,
    diff_zonings,
)
from cesp_geo.siting.history import place_history
from cesp_geo.siting.place import resolve
from cesp_geo.zonings.catalogue import Catalogue

SIDES = st.dictionaries(
    st.one_of(st.integers(1, 36_849), st.sampled_from(["QN05001X", "QN05002X"])),
    st.sampled_from(["ZIP", "ZAC", "HZ", "ZV"]),
    max_size=12,
).map(lambda classes: Classification("a", date(2022, 1, 1), "medecin", classes))


@settings(deadline=None, max_examples=40)
@given(SIDES, SIDES)
def test_a_diff_can_be_applied_and_reversed(a: Classification, b: Classification) -> None:
    diff = diff_zonings(a, b)
    assert apply(a, diff) == b
    assert apply(b, diff_zonings(b, a)) == a
    assert diff_zonings(a, a).moves == ()
    assert [(m.part, m.after, m.before) for m in diff_zonings(b, a).moves] == [
        (m.part, m.before, m.after) for m in diff.moves
    ]
    changed = [number for (one, two), (number, _, _) in diff.matrix().items() if one != two]
    assert sum(changed) == len(diff.units())


def zonings(*orders: dict[str, object]) -> Catalogue:
    return catalogue_of([{"region": "11", "effet": "2022-01-01", **order} for order in orders])


def test_the_same_classes_in_another_millesime_are_no_change() -> None:
    catalogue = zonings(
        {"id": "a", "cog": 2022, "classes": {"93059": "ZIP", "93066": "ZIP"}},
        {"id": "b", "effet": "2025-06-01", "cog": 2025, "classes": {"93066": "ZIP"}},
    )
    diff = diff_zonings(catalogue.zoning("a"), catalogue.zoning("b"))
    (unit,) = diff.units()
    assert (unit.former, unit.cause, unit.direction) == (
        "Pierrefitte-sur-Seine (93059)", "merged", "same",
    )  # fmt: skip
    assert set(diff.matrix()) == {("ZIP", "ZIP")}


def test_a_merged_part_that_loses_its_class_is_named() -> None:
    catalogue = zonings(
        {"id": "a", "cog": 2022, "classes": {"93059": "ZIP", "93066": "HZ", "93008": "ZIP"}},
        {"id": "b", "effet": "2025-06-01", "cog": 2025,
         "classes": {"93066": "HZ", "93008": "ZAC", "93001": "ZIP"}},
    )  # fmt: skip
    diff = diff_zonings(catalogue.zoning("a"), catalogue.zoning("b"))
    found = {unit.code: unit for unit in diff.units()}
    assert found["93066"].former == "Pierrefitte-sur-Seine (93059)"
    assert (found["93066"].direction, found["93066"].cause) == ("lost", "merged")
    assert (found["93008"].direction, found["93008"].cause) == ("other", "reclassified")
    assert found["93001"].cause == "newly_covered"


@pytest.mark.parametrize(
    ("before", "after", "causes"),
    [
        (("ZIP", "ZIP"), "ZAC", {"reclassified"}),
        (("ZIP", "HZ"), "ZAC", {"reclassified"}),
        (("ZIP", "HZ"), "HZ", {"merged"}),
    ],
)
def test_a_merger_is_the_cause_where_the_class_of_the_code_kept_wins(
    before: tuple[str, str], after: str, causes: set[str]
) -> None:
    catalogue = zonings(
        {"id": "a", "cog": 2022, "classes": {"93059": before[0], "93066": before[1]}},
        {"id": "b", "effet": "2025-06-01", "cog": 2025, "classes": {"93066": after}},
    )
    diff = diff_zonings(catalogue.zoning("a"), catalogue.zoning("b"))
    assert {unit.cause for unit in diff.units()} == causes


def test_a_table_of_the_eve_that_names_the_merged_commune_covers_its_parts() -> None:
    """A national table whose codes are of 2025 and whose millésime is read as 2024."""
    catalogue = zonings(
        {"id": "a", "effet": "2012-05-24", "cog": 2012, "classes": {"93059": "ZIP"}},
        {"id": "b", "effet": "2025-01-01", "cog": 2024, "classes": {"93066": "ZIP"}},
    )
    diff = diff_zonings(catalogue.zoning("a"), catalogue.zoning("b"))
    assert all(move.after for move in diff.moves)


def test_a_code_that_changed_since_the_table_is_still_read() -> None:
    """Conques-en-Rouergue was 12076 in 2016 and bears 12218 when the order takes effect."""
    catalogue = catalogue_of(
        [{"id": "a", "region": "76", "effet": "2025-06-01", "cog": 2016,
          "classes": {"12076": "ZIP"}}]
    )  # fmt: skip
    unit = communes.by_code("12218", date(2025, 6, 1))
    assert unit is not None
    assert communes.by_code("12076", date(2025, 6, 1)) is None
    assert classify(catalogue.zoning("a")).classes == dict.fromkeys(unit.elits, "ZIP")


HISTORIES = st.lists(
    st.tuples(
        st.sampled_from([2018, 2021, 2024, 2025]),
        st.integers(0, 5),
        st.dictionaries(
            st.sampled_from(["93059", "93066", "93008", "91228", "91182", "94028"]),
            st.sampled_from(["ZIP", "ZAC", "HZ"]),
        ),
    ),
    min_size=2,
    max_size=2,
)


@settings(deadline=None, max_examples=25)
@given(HISTORIES)
def test_histories_of_mergers_millesimes_and_orders(
    history: list[tuple[int, int, dict[str, str]]],
) -> None:
    orders = []
    for number, (year, later, classes) in enumerate(history):
        day = date(year, 1, 1)
        named = {code: label for code, label in classes.items() if communes.by_code(code, day)}
        orders.append({"id": f"v{number}", "cog": year, "effet": f"{min(year + later, 2026)}-01-01",
                       "complet": ["91", "93", "94"], "classes": named})  # fmt: skip
    catalogue = zonings(*orders)
    one, two = catalogue.zoning("v0"), catalogue.zoning("v1")
    there, back = diff_zonings(one, two), diff_zonings(two, one)
    assert apply(one, there) == classify(two)
    assert apply(two, back) == classify(one)
    assert diff_zonings(one, one).moves == ()
    assert back.matrix() == {
        (after, before): counts for (before, after), counts in there.matrix().items()
    }
    pairs = [("gained", "lost"), ("merged", "restored"), ("newly_covered", "no_longer_covered")]
    opposite = {**dict(pairs), **{after: before for before, after in pairs}}
    assert {(u.elits, u.before, u.after, u.direction, u.cause) for u in there.units()} == {
        (u.elits, u.after, u.before, opposite.get(u.direction, u.direction),
         opposite.get(u.cause, u.cause))
        for u in back.units()
    }  # fmt: skip


def test_a_version_against_its_own_day_is_no_change() -> None:
    catalogue = zonings(
        {"effet": "2025-06-01", "cog": 2022, "id": "a", "complet": ["*"],
         "classes": {"93059": "ZIP", "93066": "HZ"}},
    )  # fmt: skip
    version = catalogue.zoning("a")
    assert diff_zonings(version, classify_day(catalogue, date(2025, 6, 1), region="11")).moves == ()


def test_ground_and_people_that_communes_share_are_counted_once() -> None:
    """Évry and Courcouronnes share a shape, and were never counted apart since 2019."""
    catalogue = zonings(
        {"id": "a", "effet": "2018-06-01", "cog": 2018, "classes": {"91228": "ZIP", "91182": "HZ"}},
        {"id": "b", "effet": "2025-06-01", "cog": 2025, "classes": {"91228": "ZAC"}},
    )
    diff = diff_zonings(catalogue.zoning("a"), catalogue.zoning("b"))
    cells = diff.matrix().values()
    (_, people, area), rest = sorted(cells, key=lambda cell: cell[1] is None)
    assert people == communes.population("91228")
    assert area == pytest.approx(12.8, abs=0.5)
    assert rest == (1, None, None)


def test_a_quarter_follows_the_law_of_its_region() -> None:
    quarter = {"communes": ["35238"]}
    catalogue = catalogue_of(
        [
            {"id": "a", "region": "53", "effet": "2022-01-01", "classes": {"35238": "HZ"},
             "qpv": {"QN03501M": {**quarter, "classe": "ZAR"}}},
            {"id": "b", "region": "53", "effet": "2024-01-01", "classes": {"35238": "HZ"},
             "qpv": {"QN03501M": {**quarter, "classe": "HZ"}}},
        ]
    )  # fmt: skip
    (unit,) = diff_zonings(catalogue.zoning("a"), catalogue.zoning("b")).units()
    assert (unit.region, unit.direction) == ("53", "lost")


def test_professions_are_not_mixed() -> None:
    catalogue = zonings(
        {"id": "a", "classes": {"93008": "ZIP"}},
        {"id": "b", "profession": "sage-femme", "classes": {"93008": "SOUS_DOTEE"}},
    )
    with pytest.raises(ZoningError, match="professions différentes"):
        diff_zonings(catalogue.zoning("a"), catalogue.zoning("b"))


def test_two_days_are_compared_as_the_orders_in_force() -> None:
    catalogue = catalogue_of(
        [
            {"region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP", "14118": "HZ"}},
            {"region": "28", "effet": "2021-03-16", "portee": "units", "classes": {"50502": "HZ"}},
        ]
    )
    sides = [classify_day(catalogue, day) for day in (date(2021, 3, 15), date(2021, 3, 16))]
    (unit,) = diff_zonings(*sides).units()
    assert (unit.code, unit.direction) == ("50502", "lost")


def test_a_quarter_whose_ground_changes_is_told_apart_and_days_compare_quarters() -> None:
    quarter = {"classe": "ZIP", "communes": ["93008"]}
    catalogue = zonings(
        {"id": "a", "classes": {"93008": "ZAC"}, "qpv": {"QN09301M": quarter}},
        {"id": "b", "effet": "2025-06-01", "classes": {"93008": "ZAC"},
         "qpv": {"QN09301M": {**quarter, "communes": ["93008", "93001"]}}},
    )  # fmt: skip
    for sides in (
        (catalogue.zoning("a"), catalogue.zoning("b")),
        [classify_day(catalogue, day) for day in (date(2025, 5, 31), date(2025, 6, 1))],
    ):
        diff = diff_zonings(*sides)
        (unit,) = diff.units()
        assert (unit.code, unit.cause, unit.direction) == ("QN09301M", "boundary_changed", "same")
        assert apply(diff.before, diff) == diff.after
        assert (unit.population, unit.area_km2) == (None, None)
        assert diff.matrix()["ZAC", "ZAC"][0] == 1
        assert diff.matrix()["ZIP", "ZIP"] == (1, None, None)


def test_the_matrix_counts_what_did_not_move() -> None:
    catalogue = zonings(
        {"id": "a", "classes": {"93008": "ZIP", "93001": "ZIP"}},
        {"id": "b", "effet": "2025-06-01", "classes": {"93008": "ZIP", "93001": "ZAC"}},
    )
    matrix = diff_zonings(catalogue.zoning("a"), catalogue.zoning("b")).matrix()
    assert {key: number for key, (number, _, _) in matrix.items()} == {
        ("ZIP", "ZAC"): 1, ("ZIP", "ZIP"): 1,
    }  # fmt: skip
    assert matrix["ZIP", "ZIP"][2] == pytest.approx(6.77, abs=0.3)


def test_a_class_to_confirm_is_neither_won_nor_lost() -> None:
    """Le Mesnil-Amelot is to confirm in 2012, and Paris 18e is classed in part."""
    catalogue = zonings(
        {"id": "later", "effet": "2025-06-01", "classes": {"77291": "ZV", "75118": "ZIP"}}
    )
    diff = diff_zonings(Catalogue.load().zoning("idf-2012"), catalogue.zoning("later"))
    found = {unit.code: (unit.before, unit.direction) for unit in diff.units()}
    assert found["77291"] == ("DEFICITAIRE?", "unknown")
    assert found["75118"] == ("DEFICITAIRE?", "unknown")


def test_seine_et_marne_from_2005_to_2012() -> None:
    """Every commune of 2005 that is named again in 2012 is reclassified; none is lost."""
    catalogue = Catalogue.load()
    before, after = (classify(catalogue.zoning(name)) for name in ("idf-2005", "idf-2012"))
    diff = diff_zonings(before, after)
    assert set(before.classes) <= set(after.classes)
    assert len(diff.moves) == len(after.classes)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(list(words))
    out, err = capsys.readouterr()
    return int(caught.value.code or 0), out, err


def test_the_command_line_can_be_used_in_a_script(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(capsys, "comparer", "idf-2012", "idf-2012", "--si-different")[0] == 4
    assert run(capsys, "comparer", "idf-2005", "idf-2012", "--si-different")[0] == 0
    target = tmp_path / "d.json"
    status, _, _ = run(capsys, "comparer", "idf-2005", "idf-2012", "--sortie", str(target))
    assert status == 0
    assert json.loads(target.read_text())["units"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["comparer", "idf-2005", "idf-2013"], "idf-2012"),
        (["comparer", "2020-01-01", "2019-01-01"], "plus ancien"),
        (["comparer", "2020-13-01", "2019-01-01"], "n'existe pas"),
        (["comparer", "2020-01-01", "2021-01-01", "--region", "99"], "Région inconnue"),
        (["comparer", "1950-01-01", "2021-01-01"], "Aucun arrêté"),
        (["comparer", "idf-2005", "idf-2012", "--region", "11"], "deux jours"),
        (["comparer", "idf-2005", "idf-2012", "--sortie", "x.doc"], ".gpkg"),
        (["historique", "Bobigny", "--du", "2020-01-01", "--au", "2019-01-01"], "après"),
        (["historique", "Bobigny", "--sortie", "x.png"], ".svg"),
    ],
)
def test_bad_input(capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    status, _, err = run(capsys, *words)
    assert status == 2
    assert says in err


def test_the_files_of_a_comparison(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    import geopandas as gpd
    import openpyxl

    for suffix in ("xlsx", "gpkg", "csv"):
        target = tmp_path / f"d.{suffix}"
        assert run(capsys, "comparer", "idf-2005", "idf-2012", "--sortie", str(target))[0] == 0
    book = openpyxl.load_workbook(tmp_path / "d.xlsx")
    assert book.sheetnames == ["Changements", "Transitions"]
    assert book["Changements"].freeze_panes == "A2"
    first = (tmp_path / "d.gpkg").read_bytes()
    time.sleep(0.01)
    run(capsys, "comparer", "idf-2005", "idf-2012", "--sortie", str(tmp_path / "d.gpkg"))
    assert (tmp_path / "d.gpkg").read_bytes() == first
    layer = gpd.read_file(tmp_path / "d.gpkg")
    assert len(layer) == book["Changements"].max_row - 1
    areas = layer.to_crs("EPSG:2154").area / 1e6
    assert layer["km2"].to_numpy() == pytest.approx(areas.to_numpy(), abs=0.01)


def test_history_leaves_no_day_out() -> None:
    catalogue = Catalogue.load()
    first, last = date(2009, 7, 23), date(2026, 11, 23)
    place = resolve("Bobigny", last, catalogue)
    stretches = place_history(place, catalogue, first, last)
    assert stretches[0].start == first
    assert [item.end for item in stretches[:-1]] == [item.start for item in stretches[1:]]
    assert (stretches[-1].end - last).days == 1
    eligible = next(item for item in stretches if item.eligible)
    assert eligible.maintainable_until == date(2021, 3, 5)


def test_the_cover_follows_a_real_loss_only() -> None:
    catalogue = catalogue_of(
        [
            {"region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP"}},
            {"region": "28", "effet": "2021-03-16", "classes": {"50502": "ZAC"}},
            {"region": "28", "effet": "2023-03-16", "classes": {"50502": "HZ"}},
        ]
    )
    for last, expected in (
        (date(2026, 1, 1), [date(2026, 3, 15)]), (date(2022, 1, 1), []), (date(2023, 3, 15), []),
    ):  # fmt: skip
        place = resolve("50502", last, catalogue)
        found = place_history(place, catalogue, date(2018, 1, 1), last)
        assert [item.maintainable_until for item in found if item.maintainable_until] == expected


def test_the_history_begins_with_the_first_order_and_names_its_arrondissement(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = run(capsys, "historique", "Paris 18e arrondissement", "--json")
    rows = json.loads(out)
    assert rows[0]["start"] == "2005-01-01"
    assert rows[0]["commune"] == "Paris 18e Arrondissement (75118), Paris (75056)"


def test_the_picture_is_well_formed_and_says_it_in_words(tmp_path: Path) -> None:
    target = tmp_path / "bobigny.svg"
    with pytest.raises(SystemExit):
        main(["historique", "Saint-Denis (93)", "--sortie", str(target)])
    text = "".join(ElementTree.fromstring(target.read_text()).itertext())
    for words in (
        "Saint-Denis", "éligible", "inconnu", "zone déficitaire", "lacune", "idf-2012",
        "1er janvier 2025 : création de commune nouvelle", "maintien possible jusqu'au",
    ):  # fmt: skip
        assert words in text


def test_an_order_on_one_quarter_leaves_the_other_its_class() -> None:
    quarters = [{f"QN0500{n}X": {"classe": "ZIP", "communes": ["50502"]}} for n in (1, 2)]
    base = {"region": "28", "effet": "2022-01-01", "classes": {"50502": "ZAC"}}
    first, second = (
        {"region": "28", "effet": day, "cog": 2024, "portee": "units", "qpv": quarter}
        for day, quarter in zip(("2024-01-01", "2024-06-01"), quarters, strict=True)
    )
    catalogue = catalogue_of([base, first, second])
    before, after = (classify_day(catalogue, date(2024, month, 2)) for month in (5, 6))
    found = diff_zonings(before, after).units()
    assert [(unit.code, unit.before, unit.after) for unit in found] == [("QN05002X", None, "ZIP")]
