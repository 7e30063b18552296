"""The national list says of each place what a check of that place says."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from made_up import catalogue_of

from cesp_geo import communes
from cesp_geo.cli import main
from cesp_geo.errors import LawError
from cesp_geo.siting.check import check_site
from cesp_geo.siting.national_list import national_list
from cesp_geo.zonings.catalogue import Catalogue

LOST = [
    {"region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP", "14118": "HZ"}},
    {"region": "28", "effet": "2021-03-16", "classes": {"50502": "HZ", "14118": "ZAC"}},
]


def status(catalogue: Catalogue, code: str, day: date, **more: object) -> str:
    listed = national_list(catalogue, day, everything=True, **more)  # type: ignore[arg-type]
    return next(item.status for item in listed.places if item.code == code)


def test_statuses_follow_the_three_year_rule() -> None:
    catalogue = catalogue_of(LOST)
    assert status(catalogue, "50502", date(2021, 1, 1)) == "eligible"
    assert status(catalogue, "50502", date(2024, 3, 15)) == "may_be_maintained"
    assert status(catalogue, "50502", date(2024, 3, 16)) == "not_eligible"
    assert status(catalogue, "50502", date(2024, 3, 15), decisions=["50502"]) == "maintained"
    assert status(catalogue, "50502", date(2024, 3, 16), decisions=["50502"]) == "not_eligible"
    assert status(catalogue, "50502", date(2024, 3, 16), years=4) == "may_be_maintained"
    assert status(catalogue, "50502", date(2023, 1, 1), window="throughout") == "not_eligible"
    with pytest.raises(LawError, match="Fenêtre"):
        national_list(catalogue, date(2024, 1, 1), window="toujours")


def test_an_earlier_list_is_reported_and_decides_nothing() -> None:
    listed = national_list(catalogue_of(LOST), date(2024, 3, 15), previous=["50502"])
    found = {item.code: item for item in listed.places}
    assert found["50502"].on_previous_list is True
    assert found["50502"].status == "may_be_maintained"
    assert found["14118"].on_previous_list is False


def test_every_row_is_what_a_check_of_the_place_says() -> None:
    """Over places all along the list of a real day, with gaps, mergers, arrondissements and QPV."""
    catalogue = Catalogue.load()
    for day in (date(2013, 6, 1), date(2021, 3, 5), date(2026, 6, 1)):
        listed = national_list(catalogue, day, everything=True)
        once = [item.code for item in listed.places]
        assert {item.code for item in communes.communes(day)} - set(once) <= {
            "75056", "69123", "13055",
        }  # fmt: skip
        kept = [item for item in listed.places if item.code[:2] in ("93", "77", "QN")]
        for item in [*listed.places[::300], *kept[::25]]:
            verdict = check_site(item.code, on=day, list_published_on=day, catalogue=catalogue)
            if once.count(item.code) == 1 and "quartier" not in verdict.explanation:
                assert (item.status, item.possible) == (verdict.verdict, verdict.possible)
                assert item.last_eligible_day == verdict.last_eligible_day
            else:
                assert set(item.possible) <= set(verdict.possible)


def test_a_merged_commune_whose_parts_differ_has_a_row_a_part() -> None:
    catalogue = catalogue_of(
        [{"region": "11", "effet": "2022-01-01", "cog": 2022,
          "classes": {"93059": "ZIP", "93066": "HZ"}}]
    )  # fmt: skip
    listed = national_list(catalogue, date(2026, 6, 1), everything=True)
    rows = [item for item in listed.places if item.code == "93066"]
    assert {item.status for item in rows} == {"may_be_maintained", "not_eligible"}
    kept = next(item for item in rows if item.status == "may_be_maintained")
    assert kept.former == "Pierrefitte-sur-Seine (93059)"


def test_the_file_is_whole_and_the_same_each_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for suffix in ("csv", "xlsx"):
        written = []
        for name in ("a", "b"):
            target = tmp_path / f"{name}.{suffix}"
            with pytest.raises(SystemExit) as caught:
                main(["liste-nationale", "--publiee-le", "2021-03-05", "--sortie", str(target)])
            assert caught.value.code == 0
            written.append(target.read_bytes())
        assert written[0] == written[1]
    assert "Lieux susceptibles d'être inscrits" in capsys.readouterr().out
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames[0] == "Sources et paramètres"
    sheet = book["Île-de-France"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref
    header = [cell.value for cell in sheet[1]]
    bobigny = next(row for row in sheet.iter_rows(values_only=True) if row[3] == "93008")
    assert bobigny[header.index("statut")] == "Indéterminé"
    assert bobigny[header.index("possibles")] == "eligible may_be_maintained"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--sortie", "liste.doc"], ".xlsx"),
        (["--sortie", "non/liste.csv"], "n'existe pas"),
        (["--sortie", "l.csv", "--decisions", "absent.csv"], "absent.csv"),
        (["--sortie", "l.csv", "--profession", "devin"], "inconnue"),
    ],
)
def test_bad_input(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["liste-nationale", "--publiee-le", "2021-03-05", *words])
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1
    assert list(tmp_path.glob("*.*")) == []
