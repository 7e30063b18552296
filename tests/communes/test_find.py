"""What a person types finds the commune, or a message that helps."""

from datetime import date

import pytest

from cesp_geo import communes
from cesp_geo.errors import AmbiguousPlace, UnknownPlace

DAY = date(2024, 6, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("93008", "93008"),
        ("bobigny", "93008"),
        ("  BOBIGNY ", "93008"),
        ("saint denis (974)", "97411"),
        ("St-Denis (Réunion)", "97411"),
        ("Saint-Denis (la Réunion)", "97411"),
        ("Haÿ-les-Roses", "94038"),
        ("l'hay les roses", "94038"),
        ("L’Haÿ-les-Roses", "94038"),
        ("01400 L'Abergement-Clémenciat", "01001"),
        ("1400 L'Abergement-Clémenciat", "01001"),
        ("2a004", "2A004"),
        ("Paris 1er", "75101"),
        ("Lyon 3", "69383"),
        ("Marseille 13e arrondissement", "13213"),
        ("Œuilly (51)", "51410"),
        ("75018 Paris 18e Arrondissement", "75118"),
        ("75015 Paris", "75115"),
        ("75116 Paris", "75116"),
        ("69009 LYON", "69389"),
        ("13001 Marseille", "13201"),
    ],
)
def test_find(text: str, code: str) -> None:
    assert communes.find(text, DAY).code == code


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("Saint-Denis", AmbiguousPlace, ["93066", "97411", "Précisez"]),
        ("Bobiny", UnknownPlace, ["Bobigny (93)"]),
        ("99999", UnknownPlace, ["Code inconnu"]),
        ("44225", UnknownPlace, ["Freigné", "44180"]),
        ("93059", UnknownPlace, ["Pierrefitte-sur-Seine"]),
        ("", UnknownPlace, ["Aucun lieu"]),
        ("93200 Bobigny", UnknownPlace, ["93200"]),
    ],
)
def test_a_miss_says_what_to_do(text: str, error: type[Exception], says: list[str]) -> None:
    day = date(2025, 6, 1)
    with pytest.raises(error) as caught:
        communes.find(text, day)
    assert all(word in str(caught.value) for word in says), caught.value


def test_a_name_of_another_day_says_what_stood_there() -> None:
    with pytest.raises(UnknownPlace, match=r"Estouches.*Méréville"):
        communes.find("Le Mérévillois", date(2013, 6, 1))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Évry", ["89162", "91228", "Évry-Courcouronnes"]),
        ("13016 Marseille", ["13215", "13216"]),
        ("Saint-Ouen", ["41226", "80711", "Saint-Ouen-sur-Seine", "93070"]),
    ],
)
def test_what_several_places_answer_to_is_a_choice(text: str, codes: list[str]) -> None:
    with pytest.raises(AmbiguousPlace) as caught:
        communes.find(text, date(2020, 6, 1))
    assert all(code in str(caught.value) for code in codes), caught.value


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("Évry (91)", "Évry-Courcouronnes (91, code 91228)"),
        ("91000 Évry", "Évry-Courcouronnes (91, code 91228)"),
        ("Saint-Ouen (93)", "Saint-Ouen-sur-Seine (93, code 93070)"),
    ],
)
def test_a_renamed_commune_with_a_homonym_says_what_it_became(text: str, now: str) -> None:
    with pytest.raises(UnknownPlace, match="Ce jour-là, le lieu était") as caught:
        communes.find(text, date(2020, 6, 1))
    assert now in str(caught.value)


def test_a_homonym_is_found_with_its_departement() -> None:
    assert communes.find("Évry (89)", date(2020, 6, 1)).code == "89162"


def test_every_commune_of_a_day_is_found_by_its_name_and_departement() -> None:
    for item in communes.communes(DAY)[::50]:
        assert communes.find(f"{item.name} ({item.departement})", DAY).code == item.code


def test_five_digits_that_are_a_code_and_a_postcode_have_other_readings() -> None:
    assert communes.find("13001", DAY).name == "Aix-en-Provence"
    (other,) = communes.other_readings("13001", DAY)
    assert (other.code, other.kind) == ("13201", "arrondissement_municipal")
    assert communes.other_readings(" 2a004 ", DAY) == ()
    for one_way in ("93008", "Bobigny", "93000 Bobigny", "48.9,2.4", "99999"):
        assert communes.other_readings(one_way, DAY) == ()


def test_a_postcode_alone_is_not_a_code_with_other_readings() -> None:
    with pytest.raises(AmbiguousPlace):
        communes.find("01120", DAY)
    assert communes.other_readings("01120", DAY) == ()
    assert len(communes.with_postcode("01120", DAY)) > 5


def test_a_code_gone_by_that_day_says_what_postcode_it_is() -> None:
    with pytest.raises(UnknownPlace, match=r"Val d'Oronaye.*aussi le code postal de : Manosque"):
        communes.find("04100", date(2024, 1, 1))


def test_a_departement_in_brackets_is_no_arrondissement() -> None:
    assert communes.find("Marseille (13)", date(2025, 6, 1)).code == "13055"
    assert communes.find("Marseille 13", date(2025, 6, 1)).code == "13213"
