"""What all orders say of many parts at once is what they say of each one alone."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import catalogue_of

from cesp_geo import communes
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import Zoning
from cesp_geo.zonings.track import Doubt, Focus

# Merged on several days, moved between départements, restored, split into arrondissements.
PLACES = (
    "44180", "49144", "49006", "49043", "49003", "49265", "49007", "93066", "93059", "93008",
    "75101", "75102", "14712", "61022",
)  # fmt: skip
KNOWN = {
    2013: [code for code in PLACES if communes.by_code(code, date(2013, 1, 1))],
    2021: [code for code in PLACES if communes.by_code(code, date(2021, 1, 1))],
}
HOLDERS = {held for code in PLACES for item in communes.of_code(code) for held in item.elits}
ELITS = sorted(
    HOLDERS | {elit for part in HOLDERS for item in communes.tenures(part) for elit in item.elits}
)
REGIONS = sorted({communes.tenures(elit)[-1].region for elit in ELITS})


@st.composite
def orders(draw: st.DrawFn) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for number in range(draw(st.integers(1, 4))):
        cog = draw(st.sampled_from(sorted(KNOWN)))
        named = draw(st.lists(st.sampled_from(KNOWN[cog]), unique=True, max_size=9))
        item: dict[str, object] = {
            "region": draw(st.sampled_from(REGIONS)),
            "effet": f"20{12 + number}-0{draw(st.integers(1, 9))}-01",
            "cog": cog,
            "complet": draw(st.sampled_from([(), ("*",), ("93",)])),
            "portee": draw(st.sampled_from(["region", "units"])),
        }
        if draw(st.booleans()):
            item["classes"] = {code: draw(st.sampled_from(["ZIP", "ZAC"])) for code in named}
        if named and draw(st.booleans()):
            item["qpv"] = {"QN00001M": {"classe": "ZIP", "communes": named[:1]}}
        found.append(item)
    return found


def doubted(zoning: Zoning, certainty: str, extent: str) -> Zoning:
    changed = tuple(
        item._replace(certainty=certainty, extent=extent) if number % 2 else item
        for number, item in enumerate(zoning.designations)
    )
    return replace(zoning, read_designations=lambda: changed)


@settings(max_examples=100, deadline=None)
@given(
    made=orders(),
    certainty=st.sampled_from(["confirmed", "to_confirm"]),
    extent=st.sampled_from(["whole", "part"]),
    focus=st.sampled_from([Focus(), Focus(point=True), Focus(subunit="QN00001M")]),
)
def test_together_as_alone(
    made: list[dict[str, object]], certainty: str, extent: str, focus: Focus
) -> None:
    base = catalogue_of(made)
    zonings = [doubted(item, certainty, extent) for item in base.zonings.values()]
    together = Catalogue(zonings, base.orders).tracks(ELITS, focus=focus)
    for elit in ELITS:
        alone = Catalogue(zonings, base.orders).track(elit, focus=focus)
        found = together[elit]
        assert (found.region, found.reform) == (alone.region, alone.reform)
        assert found.spells == alone.spells


@settings(max_examples=60, deadline=None)
@given(
    classes=st.dictionaries(st.sampled_from(KNOWN[2021]), st.sampled_from(["ZIP", "ZV"])),
    quarters=st.dictionaries(
        st.sampled_from(["QN09301M", "QN04901M", "QN04401M"]),
        st.tuples(st.sampled_from(["ZIP", "ZV"]), st.sampled_from(["93008", "49007", ""])),
    ),
    first=st.sets(st.sampled_from([*KNOWN[2021], "QN09301M", "QN04901M", "QN04401M"])),
    whole=st.sampled_from([(), ("*",), ("93",)]),
    region=st.sampled_from(["11", "52"]),
)
def test_files_of_one_day_say_what_one_file_of_both_says(
    classes: dict[str, str],
    quarters: dict[str, tuple[str, str]],
    first: set[str],
    whole: tuple[str, ...],
    region: str,
) -> None:
    def file(name: str, kept: set[str], complete: tuple[str, ...]) -> dict[str, object]:
        return {
            "id": name,
            "region": region,
            "effet": "2022-01-01",
            "complet": complete,
            "classes": {code: item for code, item in classes.items() if code in kept},
            "qpv": {
                code: {"classe": item, "communes": [held] if held else []}
                for code, (item, held) in quarters.items()
                if code in kept
            },
        }

    every = {*classes, *quarters}
    one = catalogue_of([file("both", every, whole)])
    two = catalogue_of([file("a", every & first, whole), file("b", every - first, ())])
    for focus in (Focus(), Focus(point=True), *(Focus(subunit=code) for code in quarters)):
        for elit in ELITS:
            expected, found = (
                {spell.during: spell.standing for spell in made.track(elit, focus=focus).spells}
                for made in (one, two)
            )
            assert found == expected
    own = [elit for elit in ELITS if communes.tenures(elit)[-1].region == region]
    for code, (zone_class, _) in quarters.items():
        for elit in own:
            spells = two.track(elit, focus=Focus(subunit=code)).spells
            latest = {spell.during: spell.standing.zone_class for spell in spells}
            assert {*latest.values()} == {zone_class}
    outside = Focus(
        point=True, located=frozenset((name, code) for name in ("a", "b") for code in quarters)
    )
    for elit in ELITS:
        for spell in two.track(elit, focus=outside).spells:
            assert Doubt.SUBUNITS not in spell.standing.doubts
