"""The national list says of each place what a check of that place says."""

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from made_up import catalogue_of

from cesp_geo import communes
from cesp_geo.cli import main
from cesp_geo.errors import LawError
from cesp_geo.siting.check import check_site
from cesp_geo.siting.history import place_history
from cesp_geo.siting.listed import ListedPlace
from cesp_geo.siting.mentions import Mention
from cesp_geo.siting.national_list import national_list
from cesp_geo.siting.place import resolve
from cesp_geo.siting.policies import BORDERING, proposed_places
from cesp_geo.siting.words import REASON_WORDS
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
    with pytest.raises(LawError, match="Durée impossible"):
        status(catalogue, "50502", date(2024, 3, 16), years=0)
    with pytest.raises(LawError, match="Fenêtre"):
        national_list(catalogue, date(2024, 1, 1), window="toujours")


def test_a_row_names_the_order_of_the_last_eligible_day() -> None:
    catalogue = catalogue_of([{**LOST[0], "id": "avant"}, {**LOST[1], "id": "apres"}])
    (row,) = rows(catalogue, "50502", date(2024, 3, 15))
    assert (row.status, row.order_id, row.last_order) == ("may_be_maintained", "apres", "avant")


def test_an_undetermined_row_says_why() -> None:
    """Bobigny: the order in force is not held; a row of Caen: nothing is known of the window."""
    (row,) = rows(Catalogue.load(), "93008", date(2022, 6, 1))
    assert "contenu n'est pas chargé (11-medecin-2018-03-06-lacune, 11-" in row.remark
    recent = catalogue_of([{"region": "28", "effet": "2024-01-01", "classes": {"50502": "HZ"}}])
    (row,) = rows(recent, "50502", date(2025, 1, 1))
    assert "dans les trois ans" in row.remark


def test_a_decision_bears_on_a_place_that_is_undetermined_too() -> None:
    orders = [
        {"region": "28", "effet": "2019-01-01", "classes": {"50502": "ZIP"}},
        {"region": "28", "effet": "2021-03-16"},
    ]
    (row,) = rows(catalogue_of(orders), "50502", date(2022, 1, 1), decisions=["50502"])
    assert (row.status, row.possible) == ("undetermined", ("eligible", "maintained"))


def test_what_is_written_beside_a_list_replaces_no_file_that_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "x.PROPOSITION-bordering_zones.csv"
    for given, option, more in (
        ("x.projet.csv", "--propositions", []),
        (name, "--liste-precedente", ["--politique", BORDERING]),
    ):
        source = tmp_path / given
        source.write_text("place;code\n93008;93008\n", encoding="utf-8")
        target = str(tmp_path / "x.parquet")
        words = ["--publiee-le", "2018-01-01", option, str(source), "--sortie", target, *more]
        with pytest.raises(SystemExit) as ended:
            main(["liste-nationale", *words])
        assert ended.value.code == 2
        assert "serait perdu" in capsys.readouterr().err
        assert source.read_text(encoding="utf-8").startswith("place")


def test_a_version_of_the_catalogue_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "designations.csv"
    (tmp_path / "datapackage.json").write_text("{}", encoding="utf-8")
    target.write_text("unit_type\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["liste-nationale", "--publiee-le", "2018-01-01", "--sortie", str(target)])
    assert ended.value.code == 2
    assert "ne se modifie pas" in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == "unit_type\n"


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
                if item.status == "undetermined":
                    assert item.remark.startswith(REASON_WORDS[verdict.reason_code].rstrip("."))
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


MERGED = [
    {"region": "11", "effet": "2022-01-01", "cog": 2022,
     "classes": {"93059": "ZIP", "93066": "ZIP"}},
    {"region": "11", "effet": "2024-06-01", "cog": 2024,
     "classes": {"93059": "HZ", "93066": "HZ"}},
]  # fmt: skip


def rows(catalogue: Catalogue, code: str, day: date, **more: object) -> list[ListedPlace]:
    listed = national_list(catalogue, day, everything=True, **more)  # type: ignore[arg-type]
    return [item for item in listed.places if item.code == code]


def test_parts_with_the_same_answer_are_one_row_with_the_whole_population() -> None:
    """The parts of Saint-Denis were in two communes, and had the same class under two orders."""
    (row,) = rows(catalogue_of(MERGED), "93066", date(2025, 6, 1))
    assert row.status == "may_be_maintained"
    assert row.population == 149_077
    assert row.former == "Pierrefitte-sur-Seine (93059)"


def test_an_order_on_a_quarter_leaves_the_commune_to_the_order_before() -> None:
    commune = {"region": "28", "effet": "2022-01-01", "id": "de-base", "classes": {"50502": "ZIP"}}
    quarter = {"classe": "ZAC", "communes": ["50502"]}
    orders = [
        commune | {"tvs": {"50502": "TVS Saint-Lô"}},
        {
            "region": "28", "effet": "2024-01-01", "id": "du-quartier", "portee": "units",
            "cog": 2024, "qpv": {"QN05001X": quarter},
        },
    ]  # fmt: skip
    day = date(2025, 1, 1)
    (row,) = rows(catalogue_of(orders), "50502", day)
    assert (row.zone_class, row.order_id, row.tvs) == ("ZIP", "de-base", "TVS Saint-Lô")
    (inside,) = rows(catalogue_of(orders), "QN05001X", day)
    assert (inside.zone_class, inside.order_id) == ("ZAC", "du-quartier")
    unread = [{"region": "28", "effet": "2022-01-01"}, orders[1]]
    (row,) = rows(catalogue_of(unread), "50502", day)
    assert (row.status, row.order_id) == ("undetermined", "28-medecin-2022-01-01-lacune")
    listed = national_list(catalogue_of(unread), day)
    assert listed.missing == ("28-medecin-2022-01-01-lacune",)


def test_each_part_of_a_split_commune_has_its_own_population_and_its_former_name() -> None:
    orders = [MERGED[0] | {"classes": {"93059": "ZIP", "93066": "HZ"}}]
    found = rows(catalogue_of(orders), "93066", date(2026, 6, 1))
    assert {(item.former, item.population) for item in found} == {
        ("Pierrefitte-sur-Seine (93059)", 33_670), ("Saint-Denis (93066)", 115_237),
    }  # fmt: skip


def test_people_whose_parts_were_never_counted_apart_are_counted_once() -> None:
    """Vallons-de-l'Erdre was made in 2018; populations by commune are known since 2019."""
    now = communes.by_code("44180", date(2018, 1, 1))
    assert now is not None
    parts = communes.counterparts(now, date(2017, 1, 1))
    classes = dict.fromkeys([item.code for item in parts], "HZ") | {"49144": "ZIP"}
    orders = [{"region": "52", "effet": "2016-01-01", "cog": 2017, "classes": classes}]
    listed = national_list(catalogue_of(orders), date(2020, 1, 1), everything=True)
    found = [item for item in listed.places if item.code == "44180"]
    assert len(found) == 2
    assert [item.population for item in found] == [None, None]
    assert all(item.former for item in found)
    people = sum(
        count or 0 for (region, _), (_, count) in listed.counts().items() if region == "52"
    )
    units = (unit for unit in communes.communes(date(2020, 1, 1)) if unit.region == "52")
    assert people == sum(communes.inhabitants(unit.elits) or 0 for unit in units)


@pytest.mark.parametrize(
    ("code", "decided_on", "kept"),
    [
        ("93059", date(2024, 12, 1), {"Pierrefitte-sur-Seine (93059)"}),
        ("93066", date(2024, 12, 1), {"Saint-Denis (93066)"}),
        ("93066", date(2025, 2, 1), {"Pierrefitte-sur-Seine (93059)"}),
        ("93066", date(2025, 6, 2), set()),
    ],
)
def test_a_decision_keeps_what_its_code_was_on_its_day(
    code: str, decided_on: date, kept: set[str]
) -> None:
    day = date(2025, 6, 1)
    found = rows(catalogue_of(MERGED), "93066", day, decisions=[Mention(code, decided_on)])
    assert {item.former for item in found if item.status == "maintained"} == kept
    assert {item.status for item in found} <= {"maintained", "may_be_maintained"}


def test_codes_of_an_earlier_list_are_read_or_remarked() -> None:
    codes = ["93059", "1004", "zzzzz", "QN99999M", "93008"]
    mentions = [Mention(code, line=line, table="l.csv") for line, code in enumerate(codes, 2)]
    listed = national_list(
        catalogue_of(MERGED), date(2025, 6, 1), previous=mentions, everything=True
    )
    on_it = {item.former or item.code for item in listed.places if item.on_previous_list}
    assert on_it == {"Pierrefitte-sur-Seine (93059)", "01004", "93008"}
    assert [(item.table, item.line) for item in listed.remarks] == [
        ("l.csv", 2), ("l.csv", 3), ("l.csv", 4), ("l.csv", 5),
    ]  # fmt: skip
    assert "01004" in listed.remarks[1].text


QUARTER = {"region": "11", "portee": "units",
           "qpv": {"QN09301M": {"classe": "ZIP", "communes": ["93008"]}}}  # fmt: skip


def test_a_quarter_recorded_or_in_effect_later_is_not_listed() -> None:
    base = {"region": "11", "effet": "2019-01-01", "classes": {"93008": "HZ"}}
    later = QUARTER | {"effet": "2019-06-01", "enregistre": date(2026, 6, 1)}
    future = QUARTER | {"effet": "2024-06-01"}
    day, known = date(2020, 1, 1), date(2026, 3, 1)
    assert rows(catalogue_of([base, later]), "QN09301M", day, known_on=known) == []
    assert rows(catalogue_of([base, future]), "QN09301M", day) == []
    assert rows(catalogue_of([base, later]), "QN09301M", day)[0].status == "eligible"


def test_a_quarter_over_communes_of_two_classes_shows_neither() -> None:
    quarter = {"QN09301M": {"classe": "ZIP", "communes": ["93008", "93001"]}}
    orders = [
        {"region": "11", "effet": "2019-01-01", "portee": "units", "qpv": quarter},
        {"region": "11", "effet": "2020-01-01", "classes": {"93008": "HZ", "93001": "ZIP"}},
    ]
    (row,) = rows(catalogue_of(orders), "QN09301M", date(2021, 1, 1))
    assert (row.status, row.zone_class) == ("undetermined", "")


def test_a_quarter_without_communes_is_undetermined_with_its_reason() -> None:
    quarter = {"QN09301M": {"classe": "ZIP", "communes": []}}
    orders = [QUARTER | {"effet": "2019-01-01", "qpv": quarter}]
    (row,) = rows(catalogue_of(orders), "QN09301M", date(2020, 1, 1))
    assert (row.status, row.region) == ("undetermined", "11")
    assert "communes" in row.remark


def test_a_collectivity_is_its_own_region() -> None:
    orders = [{"region": "977", "effet": "2019-01-01", "cog": 2021, "classes": {"97701": "ZIP"}}]
    catalogue = catalogue_of(orders)
    assert rows(catalogue, "97701", date(2022, 1, 1))[0].status == "eligible"
    for other in ("97502", "98735", "97801"):
        (row,) = rows(catalogue, other, date(2022, 1, 1))
        assert (row.status, row.order_id) == ("undetermined", "")


def test_arrondissements_have_a_shape() -> None:
    from cesp_geo.outputs.list_tables import list_layer

    orders = [{"region": "11", "effet": "2019-01-01", "classes": {"75101": "ZIP", "75102": "HZ"}}]
    listed = national_list(catalogue_of(orders), date(2022, 1, 1), everything=True)
    layer = list_layer(listed, catalogue_of(orders)).set_index("code")
    paris = layer[layer["departement"] == "75"]
    assert len(paris) == 20
    assert paris.geometry.notna().all()
    areas = paris.to_crs("EPSG:2154").area / 1e6
    assert areas["75101"] == pytest.approx(1.8, abs=0.1)
    added = proposed_places(listed, catalogue_of(orders), BORDERING)
    assert {"75102", "75104"} <= {item.place.code for item in added}


def read_again(path: Path) -> openpyxl.Workbook:
    """Sheet by sheet: only those that are asked for are read."""
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True)


def test_a_replay_says_so_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = str(tmp_path / "l.xlsx")
    words = ["liste-nationale", "--publiee-le", "2021-03-05", "--sortie", target]
    with pytest.raises(SystemExit):
        main([*words, "--duree", "4"])
    assert "Rejeu" in capsys.readouterr().out
    sheet = read_again(Path(target))["Sources et paramètres"]
    said = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert said["Rejeu"] == "durée de 4 ans au lieu de 3"
    assert "Rejeu" in str(said["Titre"])
    with pytest.raises(SystemExit):
        main([*words[:-1], str(tmp_path / "l.csv"), "--duree", "3"])
    assert "rejeu" not in capsys.readouterr().out


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
    book = read_again(tmp_path / "a.xlsx")
    assert book.sheetnames[0] == "Sources et paramètres"
    number = book.sheetnames.index("Île-de-France") + 1
    with zipfile.ZipFile(tmp_path / "a.xlsx") as held:
        raw = held.read(f"xl/worksheets/sheet{number}.xml").decode()
    assert 'topLeftCell="A2" activePane="bottomLeft" state="frozen"' in raw
    assert '<autoFilter ref="A1:T' in raw
    header, *rows = book["Île-de-France"].iter_rows(values_only=True)
    bobigny = next(row for row in rows if row[3] == "93008")
    assert bobigny[header.index("statut")] == "Indéterminé"
    assert bobigny[header.index("possibles")] == "eligible may_be_maintained"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--sortie", "liste.doc"], ".xlsx"),
        (["--sortie", "non/liste.csv"], "n'existe pas"),
        (["--sortie", "l.csv", "--decisions", "absent.csv"], "absent.csv"),
        (["--sortie", "l.csv", "--profession", "devin"], "inconnue"),
        (["--sortie", "l.csv", "--publiee-le", "1990-01-01"], "Aucun arrêté"),
        (["--sortie", "l.csv", "--profession", "sage-femme"], "Aucun arrêté"),
        (["--sortie", "l.csv", "--publiee-le", "2018-01-01", "--duree", "4"], "--duree"),
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


def test_of_two_files_of_one_day_the_one_that_gives_the_class_is_named() -> None:
    catalogue = catalogue_of(
        [
            {"id": "a", "region": "28", "effet": "2024-01-01", "classes": {"50502": "ZIP"}},
            {"id": "b", "region": "28", "effet": "2024-01-01", "classes": {"14118": "ZAC"}},
        ]
    )
    day = date(2025, 1, 1)
    for code, name in (("50502", "a"), ("14118", "b")):
        (row,) = rows(catalogue, code, day)
        assert (row.order_id, row.last_order) == (name, name)
        stretches = place_history(resolve(code, day, catalogue), catalogue, day, day)
        assert [item.order_id for item in stretches] == [name]
