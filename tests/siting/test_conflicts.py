"""Competing projects: who comes first, why, and what the program never decides."""

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cesp_geo.outputs.conflict_tables import write_ranking
from cesp_geo.siting.conflicts import Capacity, Decision, Ranking, rank_projects
from cesp_geo.siting.project import Project, Proof
from cesp_geo.siting.zones import Zone

ON = date(2024, 1, 1)
ZONES = [Zone("commune", "50502", "Saint-Lô"), Zone("commune", "14118", "Caen")]


def project(name: str, since: date | None, zone: Zone | None = ZONES[0], **more: object) -> Project:
    made = Project(
        line=2,
        signatory=name,
        place="x",
        specialty="médecine générale",
        zone=zone,
        place_key=zone.code if zone else "",
        seniority_on=since,
        proofs=(Proof(2, since),) if since else (),
    )
    return replace(made, **more)  # type: ignore[arg-type]


OLD = project("S1", date(2020, 9, 1))
MIDDLE = project("S2", date(2021, 9, 1))
NEW = project("S3", date(2022, 9, 1))


def places(ranking: Ranking) -> dict[str, str]:
    return {
        item.project.signatory: item.place for group in ranking.groups for item in group.standings
    }


@pytest.mark.parametrize(
    ("projects", "posts", "outcome", "expected"),
    [
        ([OLD, NEW], None, "case_by_case", {"S1": "open", "S3": "open"}),
        ([OLD, NEW], 2, "compatible", {"S1": "first", "S3": "first"}),
        ([OLD, NEW], 1, "priority", {"S1": "first", "S3": "after"}),
        ([OLD, NEW], 0, "priority", {"S1": "after", "S3": "after"}),
        ([OLD], 0, "priority", {"S1": "after"}),
        (
            [OLD, MIDDLE, project("S4", date(2021, 9, 1)), NEW],
            2,
            "tie",
            {"S1": "first", "S2": "tied", "S4": "tied", "S3": "after"},
        ),
        (
            [project("S5", date(2020, 9, 1)), OLD],
            1,
            "tie",
            {"S1": "tied", "S5": "tied"},
        ),
        (
            [MIDDLE, project("S4", date(2021, 9, 1)), NEW],
            2,
            "priority",
            {"S2": "first", "S4": "first", "S3": "after"},
        ),
    ],
)
def test_outcomes(
    projects: list[Project], posts: int | None, outcome: str, expected: dict[str, str]
) -> None:
    capacities = [] if posts is None else [Capacity("50502", posts)]
    ranking = rank_projects(projects, ON, capacities)
    assert [group.outcome for group in ranking.groups] == [outcome]
    assert places(ranking) == expected


def test_specialties_compete_only_with_their_own() -> None:
    cardiologist = replace(NEW, signatory="S9", specialty="Cardiologue")
    ranking = rank_projects([OLD, cardiologist], ON, [Capacity("50502", 1)])
    assert ranking.groups == ()
    assert [item.signatory for item in ranking.alone] == ["S1", "S9"]
    capacities = [Capacity("50502", 5), Capacity("50502", 1, "médecine générale")]
    (group,) = rank_projects([OLD, NEW, cardiologist], ON, capacities).groups
    assert (group.specialty, group.capacity) == ("médecine générale", 1)


@pytest.mark.parametrize("specialty", [None, "devin", "médecine"])
def test_an_unknown_specialty_keeps_the_zone_undetermined(specialty: str | None) -> None:
    unknown = replace(NEW, signatory="S9", specialty=specialty)
    ranking = rank_projects([OLD, MIDDLE, unknown], ON, [Capacity("50502", 2)])
    assert [item.signatory for item in ranking.undetermined] == ["S9"]
    (group,) = ranking.groups
    assert group.outcome == "undetermined"
    assert set(places(ranking).values()) == {"unknown"}
    assert any("S9" in note for note in group.notes)
    assert rank_projects([OLD, MIDDLE, unknown], ON, [Capacity("50502", 3)]).groups[0].outcome == (
        "compatible"
    )


def test_a_project_that_may_be_in_two_zones_weighs_on_both() -> None:
    lost = project("S9", None, None, problem="plusieurs zones", possible_zones=tuple(ZONES))
    other = project("S8", date(2022, 1, 1), ZONES[1])
    ranking = rank_projects([OLD, other, lost], ON, [Capacity("50502", 1)])
    assert [(group.zone.code, group.outcome) for group in ranking.groups] == [
        ("14118", "case_by_case"),
        ("50502", "undetermined"),
    ]
    assert all(group.maybe for group in ranking.groups)


def test_the_horizon_leaves_out_later_plans_and_asks_for_missing_ones() -> None:
    soon = replace(OLD, planned_on=date(2026, 1, 1))
    late = replace(MIDDLE, planned_on=date(2026, 1, 2))
    missing = replace(NEW, planned_on=None)
    ranking = rank_projects([soon, late, missing], ON, horizon_months=24)
    assert [item.signatory for item in ranking.beyond] == ["S2"]
    assert [item.signatory for item in ranking.undetermined] == ["S3"]
    assert rank_projects([soon, late, missing], ON).undetermined == ()


def test_the_same_place_under_old_contracts_recalls_the_national_rule() -> None:
    old = replace(OLD, contract_signed_on=date(2019, 1, 1), applied_on=date(2023, 11, 30))
    twin = replace(NEW, contract_signed_on=date(2020, 3, 19))
    (group,) = rank_projects([old, twin], ON).groups
    assert group.same_place == ((old, twin),)
    assert "art. 7-1" in group.notes[0]
    assert "29 février 2024" in group.notes[0]
    new = replace(twin, contract_signed_on=date(2020, 3, 20))
    assert rank_projects([old, new], ON).groups[0].same_place == ()
    elsewhere = replace(twin, place_key="14118")
    assert rank_projects([old, elsewhere], ON).groups[0].same_place == ()
    unknown = replace(twin, contract_signed_on=None)
    assert "si les contrats" in rank_projects([old, unknown], ON).groups[0].notes[0]


def test_decisions_are_shown_and_change_nothing() -> None:
    decisions = [
        Decision("50502", date(2023, 12, 1), ("S3",), "accord des deux"),
        Decision("50502", date(2024, 1, 2), ("S1",), "trop tard"),
        Decision("99999", date(2023, 12, 1), ("S1",), "ailleurs", 4),
    ]
    capacities = [Capacity("50502", 1)]
    bare, decided = (rank_projects([OLD, NEW], ON, capacities, d) for d in ((), decisions))
    assert places(bare) == places(decided)
    assert [item.signatories for item in decided.groups[0].decisions] == [("S3",)]
    assert len(decided.unused) == 2
    assert "aucun projet classé dans la zone « 99999 »" in decided.unused[0]
    assert "2 janvier 2024, après le jour demandé" in decided.unused[1]


def test_nothing_the_referent_says_is_silent() -> None:
    alone = project("S9", date(2022, 1, 1), ZONES[1])
    capacities = [
        Capacity("50502", 1, "cardiologie", 2),
        Capacity("99999", 1, "", 3),
        Capacity("14118", 1, "médecine générale", 4),
    ]
    decisions = [
        Decision("14118", date(2023, 1, 1), ("S9",), "seul", 5),
        Decision("50502", date(2023, 1, 1), ("S1", "S77"), "inconnu", 6),
    ]
    said = rank_projects([OLD, NEW, alone], ON, capacities, decisions).unused
    for line, words in ((2, "cardiologie"), (3, "99999"), (5, "aucun conflit"), (6, "S77")):
        assert any(f"ligne {line} " in text and words in text for text in said)
    assert len(said) == 4


def test_the_cut_among_one_place_is_left_to_the_authority() -> None:
    signed = {"contract_signed_on": date(2019, 1, 1)}
    first, second, third = (replace(item, **signed) for item in (OLD, MIDDLE, NEW))
    capacities = [Capacity("50502", 1)]
    (group,) = rank_projects([first, second], ON, capacities).groups
    assert group.outcome == "case_by_case"
    assert [item.place for item in group.standings] == ["authority", "authority"]
    assert all("l'ancienneté n'en décide pas" in item.why for item in group.standings)
    (group,) = rank_projects([first, second], ON, [Capacity("50502", 2)]).groups
    assert group.outcome == "compatible"
    elsewhere = replace(first, point=(-1.09, 49.11))
    (group,) = rank_projects([elsewhere, second, third], ON, [Capacity("50502", 1)]).groups
    assert (group.outcome, places(rank_projects([elsewhere, second, third], ON, capacities))) == (
        "priority", {"S1": "first", "S2": "after", "S3": "after"},
    )  # fmt: skip
    assert places(rank_projects([elsewhere, second, third], ON, [Capacity("50502", 2)])) == {
        "S1": "first", "S2": "authority", "S3": "authority",
    }  # fmt: skip
    later = replace(second, contract_signed_on=date(2020, 3, 20))
    assert rank_projects([first, later], ON, capacities).groups[0].outcome == "priority"


@pytest.mark.parametrize(("metres", "same"), [(0, True), (49, True), (51, False)])
def test_points_are_one_place_within_fifty_metres(metres: float, same: bool) -> None:
    signed = {"contract_signed_on": date(2019, 1, 1)}
    one = replace(OLD, point=(-1.09, 49.11), **signed)
    other = replace(NEW, point=(-1.09, 49.11 + metres / 111_200), **signed)
    assert bool(rank_projects([one, other], ON).groups[0].same_place) is same


def test_no_post_left_stays_so_whatever_the_doubt() -> None:
    lost = project("S9", None, None, problem="sans jour", possible_zones=(ZONES[0],))
    (group,) = rank_projects([OLD, NEW, lost], ON, [Capacity("50502", 0)]).groups
    assert (group.outcome, [item.place for item in group.standings]) == (
        "priority", ["after", "after"],
    )  # fmt: skip


def test_the_horizon_comes_before_an_unknown_specialty() -> None:
    late = replace(MIDDLE, planned_on=date(2030, 1, 1), specialty="devin")
    ranking = rank_projects([late], ON, horizon_months=24)
    assert [item.signatory for item in ranking.beyond] == ["S2"]
    assert ranking.undetermined == ()


PROJECTS = st.lists(
    st.builds(
        lambda number, year, zone: (number, date(year, 9, 1), zone),
        st.integers(1, 30),
        st.integers(2018, 2023),
        st.sampled_from(ZONES),
    ),
    max_size=10,
    unique_by=lambda item: item[0],
).map(lambda items: [project(f"S{number}", day, zone) for number, day, zone in items])
POSTS = st.one_of(st.none(), st.integers(0, 6))


@settings(deadline=None)
@given(PROJECTS, POSTS, st.randoms(use_true_random=False))
def test_order_changes_nothing_and_priority_is_exact(
    projects: list[Project], posts: int | None, random: object
) -> None:
    capacities = [] if posts is None else [Capacity("50502", posts)]
    shuffled = list(projects)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    ranking = rank_projects(projects, ON, capacities)
    assert rank_projects(shuffled, ON, capacities) == ranking
    for group in ranking.groups:
        if group.capacity is None:
            continue
        words = [item.place for item in group.standings]
        first, tied = words.count("first"), words.count("tied")
        if group.outcome == "tie":
            cut = [i.project.seniority_on for i in group.standings if i.place == "tied"]
            assert len(set(cut)) == 1
            assert first < group.capacity < first + tied
            assert [i.project.seniority_on for i in group.standings].count(cut[0]) == tied
        else:
            assert (first, tied) == (min(group.capacity, len(words)), 0)


@settings(deadline=None)
@given(PROJECTS, POSTS, st.integers(2018, 2023))
def test_a_newcomer_elsewhere_or_a_junior_changes_no_rank(
    projects: list[Project], posts: int | None, year: int
) -> None:
    capacities = [] if posts is None else [Capacity("50502", posts)]
    ranking = rank_projects(projects, ON, capacities)
    elsewhere = project("S99", date(year, 1, 1), Zone("commune", "35238", "Rennes"))
    assert rank_projects([*projects, elsewhere], ON, capacities).groups == ranking.groups
    junior = project("S99", date(2023, 12, 31))
    before = ranks(ranking)
    after = ranks(rank_projects([*projects, junior], ON, capacities))
    assert all(after[name] <= rank for name, rank in before.items())
    for senior in projects:
        rest = [item for item in projects if item is not senior]
        now = ranks(rank_projects(rest, ON, capacities))
        assert all(now.get(name, 1) <= rank for name, rank in before.items())


def ranks(ranking: Ranking) -> dict[str, int]:
    return {
        item.project.signatory: item.rank for group in ranking.groups for item in group.standings
    }


def test_a_crowded_zone_stays_short_its_notes_are_said_once(tmp_path: Path) -> None:
    crowd = [project(f"S{n:04d}", date(2022, 9, 1 + n % 28)) for n in range(4000)]
    ranking = rank_projects(crowd, ON)
    (note,) = ranking.groups[0].notes
    assert "S0000, " in note
    assert "et 3990 autres" in note
    write_ranking(ranking, tmp_path / "r.csv")
    text = (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    assert text.count("même lieu") == 1
    assert len(text) < 2_000_000
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert "même lieu" in rows[0]["a_verifier"]
    write_ranking(ranking, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx", read_only=True)
    assert any("même lieu" in str(row) for row in book["Résumé"].iter_rows(values_only=True))
    book.close()
