"""What the ARS propose is checked line by line; what the unions propose stays apart."""

import csv
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import shapely
from made_up import catalogue_of

from cesp_geo import communes
from cesp_geo.cli import main
from cesp_geo.siting.national_list import national_list
from cesp_geo.siting.policies import BORDERING, WINDOW, proposed_places
from cesp_geo.siting.proposals import Proposal, check_proposals

CATALOGUE = catalogue_of(
    [
        {"region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP", "14118": "HZ"}},
        {"region": "28", "effet": "2021-03-16", "complet": ["*"],
         "classes": {"50502": "HZ", "14118": "ZAC"}},
    ]
)  # fmt: skip
DAY = date(2024, 3, 15)


def test_each_proposal_has_its_status_and_none_is_dropped() -> None:
    asked = ["Caen", "50502", "Cherbourg-en-Cotentin", "Nulle-Part", "", "50147"]
    found = check_proposals(
        [Proposal(line, place) for line, place in enumerate(asked, start=2)], CATALOGUE, DAY
    )
    assert [item.proposal.line for item in found] == [2, 3, 4, 5, 6, 7]
    assert [item.status for item in found] == [
        "eligible", "may_be_maintained", "undetermined", "undetermined", "undetermined",
        "undetermined",
    ]  # fmt: skip
    assert [item.carried for item in found] == [True, True, False, False, False, False]
    assert "Nulle-Part" in found[3].reason
    (kept,) = check_proposals([Proposal(2, "50502")], CATALOGUE, DAY, ["50502"])
    assert kept.status == "maintained"


def test_a_retired_code_is_followed_and_odd_lines_are_remarked() -> None:
    catalogue = catalogue_of(
        [{"region": "11", "effet": "2022-01-01", "cog": 2022,
          "classes": {"93059": "ZIP", "93066": "HZ"}}]
    )  # fmt: skip
    asked = [
        Proposal(2, "93059", mode="salarié"),
        Proposal(3, "Pierrefitte-sur-Seine", mode="Salarie"),
        Proposal(4, "93066", mode="à distance"),
    ]
    day = date(2026, 6, 1)
    first, second, third = check_proposals(asked, catalogue, day, ["93059"])
    assert (first.status, first.code) == ("maintained", "93066")
    assert "Pierrefitte-sur-Seine (93059)" in first.remarks[0]
    assert second.remarks[-1] == "même proposition que la ligne 2"
    assert "à distance" in third.remarks[0]
    assert third.status == "undetermined"


def test_proposals_are_written_beside_a_layer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = tmp_path / "p.csv"
    asked.write_text("place\nBobigny\n", encoding="utf-8")
    words = ["--publiee-le", "2018-01-01", "--propositions", str(asked)]
    with pytest.raises(SystemExit):
        main(["liste-nationale", *words, "--sortie", str(tmp_path / "l.geojson")])
    assert "l.projet.csv" in capsys.readouterr().out
    assert "Bobigny" in (tmp_path / "l.projet.csv").read_text(encoding="utf-8-sig")


def test_the_window_proposal_takes_civil_years() -> None:
    """Saint-Lô, lost on 2021-03-16: eligible in 2021, so for installations up to 2024."""
    for day, expected in ((date(2024, 12, 31), True), (date(2025, 1, 1), False)):
        listed = national_list(CATALOGUE, day, everything=True)
        found = {item.place.code for item in proposed_places(listed, CATALOGUE, WINDOW)}
        assert ("50502" in found) is expected
        assert "14118" not in found


def test_a_window_of_one_year_is_told_as_one() -> None:
    orders = [
        {"region": "28", "effet": "2024-01-01", "classes": {"50502": "ZIP"}},
        {"region": "28", "effet": "2024-02-01", "classes": {"50502": "HZ"}},
    ]
    catalogue = catalogue_of(orders)
    listed = national_list(catalogue, date(2024, 6, 1), everything=True)
    found = {item.place.code: item.because for item in proposed_places(listed, catalogue, WINDOW)}
    assert found["50502"] == "éligible un jour au moins en 2024"


def test_the_bordering_proposal_names_the_neighbours_of_eligible_places() -> None:
    listed = national_list(CATALOGUE, DAY, everything=True)
    frame = communes.shapes(DAY).set_index("code")
    caen = frame.geometry["14118"]
    touching = set(frame.index[shapely.touches(frame.geometry.to_numpy(), caen)])
    found = proposed_places(listed, CATALOGUE, BORDERING)
    assert {item.place.code for item in found} == touching
    assert {item.because for item in found} == {"limitrophe de Caen (14118)"}


def test_the_checked_draft_and_the_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["liste-nationale", "--modele", "modele.xlsx"])
    book = openpyxl.load_workbook("modele.xlsx")
    sheet = book["Propositions"]
    assert [cell.value for cell in sheet[1]] == [
        "place", "specialite", "mode", "postes", "etablissement",
    ]  # fmt: skip
    assert sheet.data_validations.dataValidation[0].formula1 == "Listes!$C$1:$C$3"
    assert [row[2] for row in book["Listes"].values] == ["libéral", "salarié", "mixte"]
    sheet.append(["Bobigny", "médecine générale", "libéral", 2, None])
    sheet.append(["=HYPERLINK(1)", None, None, None, None])
    book.save("propositions.xlsx")
    words = ["--publiee-le", "2018-01-01", "--propositions", "propositions.xlsx"]
    with pytest.raises(SystemExit) as caught:
        main(["liste-nationale", *words, "--sortie", "l.xlsx"])
    assert caught.value.code == 2
    assert "cellule A3" in capsys.readouterr().err
    sheet["A3"].data_type = "s"
    sheet.append(["Nulle-Part", "médecine", None, None, None])
    book.save("propositions.xlsx")
    with pytest.raises(SystemExit) as caught:
        main(["liste-nationale", *words, "--sortie", "l.xlsx", "--politique", BORDERING])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert "Projet vérifié" in out
    assert "ligne 4, Nulle-Part : indéterminé" in out
    draft = openpyxl.load_workbook("l.xlsx", read_only=True)
    assert [row[9] for row in draft["Projet de liste"].iter_rows(2, values_only=True)] == [
        "Bobigny"
    ]
    assert len(list(draft["À écarter ou à vérifier"].values)) == 3
    apart = openpyxl.load_workbook("l.PROPOSITION-bordering_zones.xlsx", read_only=True)
    assert "pas le droit" in str(apart["Avertissement"]["B2"].value)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("--propositions", "place;postes\nBobigny;deux\n", "ligne 2"),
        ("--propositions", "specialite\nx\n", "colonne place"),
        ("--liste-precedente", "nom;statut\nBobigny;x\n", "colonne code"),
        ("--decisions", "code;jour\n93008;31/02/2018\n", "ligne 2"),
        ("--decisions", "code;jour\n93008;\n", "pas de jour"),
    ],
)
def test_bad_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, says: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    target = str(tmp_path / "l.csv")
    with pytest.raises(SystemExit) as caught:
        main(["liste-nationale", "--publiee-le", "2018-01-01", name, str(path), "--sortie", target])
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1
    assert not Path(target).exists()


def test_a_list_of_ours_lists_what_may_be_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = str(tmp_path / "a.xlsx"), tmp_path / "b.csv"
    words = ["liste-nationale", "--publiee-le", "2018-01-01", "--sortie"]
    for more in ([first], [str(second), "--liste-precedente", first]):
        with pytest.raises(SystemExit) as caught:
            main([*words, *more])
        assert caught.value.code == 0
    assert "ne comptent pas comme inscrites" in capsys.readouterr().out
    with second.open(encoding="utf-8-sig", newline="") as file:
        told = {
            (row["statut_code"], row["liste_precedente"])
            for row in csv.DictReader(file, delimiter=";")
        }
    assert told == {("eligible", "oui"), ("undetermined", "non")}
