"""The national table of early 2025 against tables made from it, whose changes are known."""

import csv
from datetime import date
from pathlib import Path

import pytest

from cesp_geo import communes
from cesp_geo.dates import parse_day_range
from cesp_geo.siting.comparison import Diff, classify_day, diff_zonings
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.importing import About, prepare
from cesp_geo.zonings.readers.tables import read_table

SOURCE = "zonage_medecin_early2025_by_commune.csv"
COLUMNS = {"code": "code", "classe": "Zonage"}
DAY = date(2025, 1, 1)


@pytest.fixture(scope="module")
def rows(request: pytest.FixtureRequest) -> dict[str, str]:
    """Code to label, of the communes that exist in 2024."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "realdata"
    if not folder.is_dir():
        pytest.skip("les données réelles (shared/realdata) ne sont pas à côté du projet")
    with (folder / SOURCE).open(encoding="utf-8-sig", newline="") as file:
        return {row["code"]: row["Zonage"] for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, rows: dict[str, str]) -> Catalogue:
    """The national table as it is."""
    return national(tmp_path_factory.mktemp("france") / "a", rows)


def brought(folder: Path, table: dict[str, str], about: About) -> Catalogue:
    path = folder / "zonage.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "Zonage"])
        writer.writerows(table.items())
    catalogue = Catalogue([], [], folder / "zonings")
    catalogue.add(prepare(read_table(path, COLUMNS), about, DAY).drafts)
    return catalogue


def national(folder: Path, table: dict[str, str], millesime: int = 2024) -> Catalogue:
    folder.mkdir()
    effective = parse_day_range(DAY.isoformat())
    return brought(folder, table, About(effective=effective, millesime=millesime))


def compared(one: Catalogue, other: Catalogue, day: date = DAY) -> Diff:
    return diff_zonings(classify_day(one, DAY), classify_day(other, day))


def test_an_edited_copy_gives_its_edits_and_nothing_else(
    tmp_path: Path, rows: dict[str, str], whole: Catalogue
) -> None:
    chosen = [code for code in rows if rows[code] == "1_ZIP"][::1500]
    edited = {**rows, **dict.fromkeys(chosen, "2_ZAC")}
    diff = compared(whole, national(tmp_path / "b", edited))
    assert {unit.code for unit in diff.units()} == set(chosen)
    assert {(unit.before, unit.after) for unit in diff.units()} == {("ZIP", "ZAC")}
    assert {unit.cause for unit in diff.units()} == {"reclassified"}
    moved = diff.matrix()["ZIP", "ZAC"]
    assert moved[0] == len(chosen)
    assert moved[1] == sum(communes.population(code) or 0 for code in chosen)


def test_an_amending_order_touches_its_ten_communes(
    tmp_path: Path, rows: dict[str, str], whole: Catalogue
) -> None:
    ten = [code for code in rows if code.startswith("35") and rows[code] != "1_ZIP"][:10]
    assert len(ten) == 10
    catalogue = Catalogue(whole.zonings.values(), [], tmp_path / "zonings")
    later = tmp_path / "amende.csv"
    later.write_text("code,Zonage\n" + "".join(f"{code},1_ZIP\n" for code in ten))
    about = About(
        region="53",
        effective=parse_day_range("2025-06-01"),
        regime="arrete-2025",
        amending=True,
        millesime=2024,
    )
    catalogue.add(prepare(read_table(later, COLUMNS), about, DAY).drafts)
    diff = compared(catalogue, catalogue, date(2025, 6, 1))
    assert {unit.code for unit in diff.units()} == set(ten)
    assert {unit.after for unit in diff.units()} == {"ZIP"}


def test_the_same_classes_in_an_older_millesime_are_no_change(
    tmp_path: Path, rows: dict[str, str], whole: Catalogue
) -> None:
    """Each commune of 2019 bears the class of the commune of 2024 that holds its parts."""
    day, then = date(2024, 1, 1), date(2019, 1, 1)
    older, known = {}, set()
    for unit in (*communes.communes(then), *communes.communes(then, "arrondissement_municipal")):
        holders = {
            communes.arrondissement_on(elit, day) or communes.commune_on(elit, day)
            for elit in unit.elits
        }
        labels = {rows.get(holder.code, "") for holder in holders if holder}
        if len(labels) == 1 and (label := labels.pop()):
            older[unit.code] = label
            known |= set(unit.elits)
    assert len(older) > 34_900
    diff = compared(whole, national(tmp_path / "b", older, 2019))
    assert {move.part for move in diff.moves}.isdisjoint(known)
    assert len(diff.moves) < 20
