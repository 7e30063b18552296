"""Civil days, half-open periods, years *de quantième à quantième*, and French dates.

Every date of the project is a :class:`datetime.date`: a civil day, without hour or time zone.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from cesp_geo.errors import DateError

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Outside these years a day is a slip of the keyboard."""

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_FRENCH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_WORDS = re.compile(r"(\d{1,2})(?:er)?\s+([^\W\d_]+)\s+(\d{4})")


def parse_day(text: str) -> date:
    """Read a civil day written ``2026-01-31``, ``31/01/2026`` or ``31 janvier 2026``.

    Parameters
    ----------
    text : str
        A day, as a person types it; day before month, as in French.

    Returns
    -------
    datetime.date

    Raises
    ------
    DateError
        If the text is no day, a day that does not exist, or one of too far a year.

    Examples
    --------
    >>> parse_day("29/02/2028")
    datetime.date(2028, 2, 29)
    >>> parse_day("1er mars 2021")
    datetime.date(2021, 3, 1)
    """
    cleaned = text.strip()
    if match := _ISO.fullmatch(cleaned):
        year, month, day = (int(part) for part in match.groups())
    elif match := _FRENCH.fullmatch(cleaned):
        day, month, year = (int(part) for part in match.groups())
    elif (match := _WORDS.fullmatch(cleaned.lower())) and match[2] in MONTHS:
        day, month, year = int(match[1]), MONTHS.index(match[2]) + 1, int(match[3])
    else:
        raise DateError(
            f"Date illisible : « {text} ». Écrivez AAAA-MM-JJ ou JJ/MM/AAAA, "
            "par exemple 2026-01-31 ou 31/01/2026."
        )
    try:
        found = date(year, month, day)
    except ValueError:
        raise DateError(
            f"Ce jour n'existe pas : « {text} » (jour {day}, mois {month}, année {year}). "
            "Écrivez AAAA-MM-JJ ou JJ/MM/AAAA, le jour avant le mois."
        ) from None
    return checked_day(found)


def checked_day(day: date) -> date:
    """Give the day back, unless its year is too far to be meant.

    Raises
    ------
    DateError
        If its year is not between :data:`FIRST_YEAR` and :data:`LAST_YEAR`.

    Examples
    --------
    >>> checked_day(date(2021, 3, 1))
    datetime.date(2021, 3, 1)
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise DateError(
            f"Le {french_day(day)} est trop loin. Donnez un jour des années {FIRST_YEAR} à "
            f"{LAST_YEAR}."
        )
    return day


def french_day(day: date) -> str:
    """Write a day as a French reader expects it.

    Examples
    --------
    >>> french_day(date(2021, 3, 1))
    '1er mars 2021'
    """
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


def add_years(day: date, years: int) -> date:
    """Move a day by whole years, *de quantième à quantième*.

    Same day of the month, else the last day of that month; days are never counted.

    Parameters
    ----------
    day : datetime.date
    years : int
        May be negative.

    Returns
    -------
    datetime.date

    Examples
    --------
    >>> add_years(date(2028, 2, 29), -3)
    datetime.date(2025, 2, 28)
    """
    return add_months(day, 12 * years)


def add_months(day: date, months: int) -> date:
    """Move a day by whole months, *de quantième à quantième*.

    Examples
    --------
    >>> add_months(date(2025, 1, 31), 1)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise DateError(f"Le {french_day(day)} décalé de {months} mois sort du calendrier.")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day_reached(day: date, years: int) -> date:
    """Give the greatest day P such that P moved back by ``years`` is at the latest ``day``.

    It is the end of a period of ``years`` that must still contain ``day``: 28/02/2025 and
    three years give 29/02/2028.

    Examples
    --------
    >>> last_day_reached(date(2025, 2, 28), 3)
    datetime.date(2028, 2, 29)
    """
    end = add_years(day, years)
    while add_years(end + timedelta(days=1), -years) <= day:
        end += timedelta(days=1)
    return end


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-open period of civil days ``[start, end)``; ``end=None`` means still running.

    Examples
    --------
    >>> spring = Period(date(2021, 3, 1), date(2021, 6, 1))
    >>> date(2021, 6, 1) in spring
    False
    """

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise DateError(
                f"Période vide : du {french_day(self.start)} au {french_day(self.end)} exclu."
            )

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def meets(self, other: "Period") -> bool:
        """Say whether the two periods share at least one day."""
        return (other.end is None or self.start < other.end) and (
            self.end is None or other.start < self.end
        )


@dataclass(frozen=True, slots=True, order=True)
class DayRange:
    """A day known only to lie between two days, both included; most often they are equal.

    Examples
    --------
    >>> parse_day_range("2022-07")
    DayRange(first=datetime.date(2022, 7, 1), last=datetime.date(2022, 7, 31))
    """

    first: date
    last: date

    @property
    def exact(self) -> bool:
        """Whether the day is known."""
        return self.first == self.last

    def __str__(self) -> str:
        """Write it in French: a day, or the bounds of what is known."""
        if self.exact:
            return french_day(self.first)
        return f"entre le {french_day(self.first)} et le {french_day(self.last)}"

    @property
    def since(self) -> str:
        """Write it in French after a noun, no more precise than it is known.

        Examples
        --------
        >>> [parse_day_range(text).since for text in ("2012-05-24", "2022-07", "2005")]
        ['du 24 mai 2012', 'de juillet 2022', 'de 2005']
        """
        if self.exact:
            return f"du {french_day(self.first)}"
        if len(self.iso) == 4:
            return f"de {self.iso}"
        month = MONTHS[self.first.month - 1]
        return ("d'" if month[0] in "ao" else "de ") + f"{month} {self.first.year}"

    @property
    def iso(self) -> str:
        """The shortest ISO text that :func:`parse_day_range` reads back."""
        if self.exact:
            return self.first.isoformat()
        if (self.first.day, self.first.month) == (1, 1) and (
            self.last == date(self.first.year, 12, 31)
        ):
            return f"{self.first.year:04d}"
        return f"{self.first.year:04d}-{self.first.month:02d}"


def parse_day_range(text: str) -> DayRange:
    """Read a day, a month ``2022-07`` or a year ``2005`` as the range of days it may be.

    Parameters
    ----------
    text : str

    Returns
    -------
    DayRange

    Raises
    ------
    DateError
        If the text is neither a day, nor a month, nor a year, or its year is too far.
    """
    cleaned = text.strip()
    if match := re.fullmatch(r"(\d{4})(?:-(\d{2}))?", cleaned):
        year, first, last = int(match[1]), int(match[2] or 1), int(match[2] or 12)
        if year and 1 <= first <= 12:
            end = date(year, last, monthrange(year, last)[1])
            return DayRange(checked_day(date(year, first, 1)), end)
    day = parse_day(cleaned)
    return DayRange(day, day)
