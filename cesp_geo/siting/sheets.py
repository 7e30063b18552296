"""Follow-up sheets as values: what one says, in which order they are read, how two may disagree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cesp_geo.dates import french_day

IN_PROGRESS, SETTLED, WITHDRAWN = "en_cours", "installe", "retire"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One follow-up sheet; a signatory is an id, never a name.

    Attributes
    ----------
    line : int
        Its line in the table it comes from.
    signatory : str
    sheet_on : datetime.date or None
    place : str
        LIEU as the sheet writes it.
    specialty, mode : str
    planned_on : datetime.date or None
        Planned day of installation.
    status : str
        ``en_cours``, ``installe`` or ``retire``.
    contract_signed_on : datetime.date or None
    applied_on : datetime.date or None
        Day of the first letter of application for that place.
    problem : str
        What could not be read, in French; the sheet then makes its project undetermined.
    commune : str
        The commune written beside a point or a quarter, which must agree with it.
    origin : str
        Where it comes from, in French, if more than a line of the only table.
    """

    line: int
    signatory: str
    sheet_on: date | None
    place: str
    specialty: str = ""
    mode: str = ""
    planned_on: date | None = None
    status: str = IN_PROGRESS
    contract_signed_on: date | None = None
    applied_on: date | None = None
    problem: str = ""
    commune: str = ""
    origin: str = ""

    @property
    def where(self) -> str:
        """Where it comes from, in French."""
        return self.origin or f"ligne {self.line}"


def in_order(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Put sheets in an order that their fields alone decide, the oldest first."""
    return sorted(set(sheets), key=_every_field)


def _every_field(sheet: Sheet) -> tuple[date | str | int, ...]:
    return (
        sheet.sheet_on or date.min, sheet.line, sheet.origin, sheet.place, sheet.commune,
        sheet.status, sheet.specialty, sheet.mode, sheet.problem, sheet.planned_on or date.min,
        sheet.contract_signed_on or date.min, sheet.applied_on or date.min,
    )  # fmt: skip


def contracts_differ(sheets: Sequence[Sheet]) -> str:
    """Say in French that sheets of one signatory give two days of contract; empty if they agree."""
    days = sorted({item.contract_signed_on for item in sheets if item.contract_signed_on})
    if len(days) < 2:
        return ""
    return f"deux jours de contrat pour ce signataire : {' et '.join(map(french_day, days))}"


def same_day_contradiction(sheets: Sequence[Sheet]) -> str:
    """Say in French that some sheets of one day contradict each other."""
    where = ", ".join(item.where for item in sheets)
    return f"des fiches du même jour se contredisent ({where}) : gardez celle qui vaut"
