"""Civil days, counted de quantième à quantième."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cesp_geo.dates import (
    DayRange,
    Period,
    add_years,
    french_day,
    last_day_reached,
    parse_day,
    parse_day_range,
)
from cesp_geo.errors import DateError

DAYS = st.dates(date(1950, 1, 1), date(2150, 1, 1))


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2028, 2, 29), -3, date(2025, 2, 28)),
        (date(2025, 2, 28), 3, date(2028, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2021, 3, 15), 3, date(2024, 3, 15)),
    ],
)
def test_years_keep_the_day_of_the_month(day: date, years: int, expected: date) -> None:
    assert add_years(day, years) == expected


@given(DAYS, st.integers(1, 10))
def test_last_day_reached_is_the_greatest(day: date, years: int) -> None:
    last = last_day_reached(day, years)
    assert add_years(last, -years) <= day < add_years(last + timedelta(days=1), -years)


@given(DAYS)
def test_what_is_written_is_read_back(day: date) -> None:
    assert parse_day(french_day(day)) == day
    assert parse_day(day.isoformat()) == day
    assert parse_day(day.strftime("%d/%m/%Y")) == day


@given(DAYS)
def test_ranges_are_read_back(day: date) -> None:
    for text in (f"{day.year}", f"{day.year}-{day.month:02d}", day.isoformat()):
        found = parse_day_range(text)
        assert found.first <= day <= found.last
        assert found.iso == text
        assert found.exact == (text == day.isoformat())


@pytest.mark.parametrize(
    "text", ["13/25/2020", "2021-02-29", "31/04/2020", "demain", "", "2020", "1/2/20", "0/1/2020"]
)
def test_impossible_days_are_refused_in_french(text: str) -> None:
    with pytest.raises(DateError, match="AAAA-MM-JJ"):
        parse_day(text)


@pytest.mark.parametrize("text", ["9999-12-31", "01/01/0001", "1er mars 1899", "2200-01-01"])
def test_years_too_far_are_refused_in_french(text: str) -> None:
    for read in (parse_day, parse_day_range):
        with pytest.raises(DateError, match="années 1900 à 2199"):
            read(text)


@pytest.mark.parametrize("text", ["9999", "1899-12"])
def test_a_month_or_a_year_too_far_is_refused(text: str) -> None:
    with pytest.raises(DateError, match="années 1900 à 2199"):
        parse_day_range(text)


@given(DAYS, DAYS, DAYS, DAYS)
def test_periods_meet_when_they_share_a_day(a: date, b: date, c: date, d: date) -> None:
    first, second = sorted((a, b)), sorted((c, d))
    if first[0] == first[1] or second[0] == second[1]:
        return
    one, other = Period(*first), Period(*second)
    assert one.meets(other) == (max(one.start, other.start) < min(first[1], second[1]))
    assert first[1] not in one


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(DateError):
        Period(date(2020, 1, 1), date(2020, 1, 1))


def test_a_range_is_said_in_words() -> None:
    assert str(DayRange(date(2022, 7, 1), date(2022, 7, 31))) == (
        "entre le 1er juillet 2022 et le 31 juillet 2022"
    )
