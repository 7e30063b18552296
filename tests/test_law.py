"""The law as data: every value has a day, a reference and a degree of confidence."""

from datetime import date
from importlib.resources import files

import pytest

from cesp_geo.errors import LawError
from cesp_geo.law.parameters import checked, class_parameter, conditions, parameters

FILES = [
    str(path.name).removesuffix(".yaml")
    for path in files("cesp_geo.law").iterdir()
    if path.name.endswith(".yaml")
]


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_complete(name: str) -> None:
    for item in parameters(name).values():
        assert item.values
        assert all(value.reference and value.confidence in "ABI" for value in item.values)


GOOD = {"from": date(2020, 1, 1), "value": True, "confidence": "A", "reference": "texte"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"from": None}, "pas de jour"),
        ({"from": "2020-01-01"}, "pas de jour"),
        ({"reference": ""}, "pas de référence"),
        ({"confidence": "C"}, "A, B ou I"),
        ({"until": "demain"}, "until"),
        ({"dated_by": "humeur"}, "dated_by"),
        ({"valeur": 1}, "clé inconnue"),
    ],
)
def test_an_incomplete_value_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(LawError, match=says):
        checked({"id": "x", "title": "y", "values": [{**GOOD, **change}]}, "essai")


def test_days_in_disorder_are_refused() -> None:
    with pytest.raises(LawError, match="désordre"):
        checked({"id": "x", "title": "y", "values": [GOOD, GOOD]}, "essai")


def test_a_value_begins_on_its_day() -> None:
    found = class_parameter("medecin", "ZIP", "11")
    assert found is not None
    assert found.on(date(2017, 11, 15)) is None
    assert found.on(date(2017, 11, 16)).value is True  # type: ignore[union-attr]


def test_regional_conditions_are_shown_by_purpose() -> None:
    shown = {item.id for item in conditions("53", "installation", date(2024, 1, 1))}
    assert "bretagne.specialites" in shown
    assert "bretagne.remplacement" not in shown
    assert {item.id for item in conditions("11", "installation", date(2024, 1, 1))} == {
        "ars.referent"
    }


def test_no_title_asks_a_question() -> None:
    titles = [
        item.title for name in ("cesp", "national_list") for item in parameters(name).values()
    ]
    assert not [title for title in titles if "-t-il" in title or "?" in title]
