"""A project as a value: who, where, since when, and the sheets that prove it."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from cesp_geo.siting.sheets import IN_PROGRESS, Sheet
from cesp_geo.siting.zones import Zone


class Proof(NamedTuple):
    """A sheet that proves a seniority: its line, its day, and where it is, in French."""

    line: int
    day: date
    where: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """The open project of a signatory on a day.

    Attributes
    ----------
    line : int
        Line of its last sheet.
    signatory, place : str
    planned_on : datetime.date or None
    specialty : str or None
    contract_signed_on : datetime.date or None
    seniority_on : datetime.date or None
        First day of the unbroken run of sheets in the zone.
    unchanged_since : datetime.date or None
        First day of the run of sheets whose zone, as designated on their own day, is the same;
        None where it was not asked or is not known.
    unchanged_doubt : str
        Why that day is not known, in French.
    applied_on : datetime.date or None
        First letter of application for this place, among the sheets of the run there.
    mode : str
    place_key : str
        Code of the commune or quarter of the place on the day asked.
    point : tuple of float, optional
        Longitude and latitude, where the sheet gives a point.
    zone : Zone or None
    proofs : tuple of Proof
        The sheets of the run, oldest first.
    flags : tuple of str
        What to look at, in French; nothing in it changes the seniority.
    problem : str
        Why it is undetermined, in French.
    possible_zones : tuple of Zone
        The zones in which an undetermined project may be.
    readings : tuple of str
        What may be its place, where its last sheets, or the place and the commune of one,
        contradict each other.
    status : str
        ``en_cours``, ``installe`` or ``retire``.
    origin : str
        Where its last sheet comes from, in French, if more than a line of the only table.
    """

    line: int
    signatory: str
    place: str
    planned_on: date | None = None
    specialty: str | None = None
    contract_signed_on: date | None = None
    seniority_on: date | None = None
    unchanged_since: date | None = None
    unchanged_doubt: str = ""
    applied_on: date | None = None
    mode: str = ""
    place_key: str = ""
    point: tuple[float, float] | None = None
    zone: Zone | None = None
    proofs: tuple[Proof, ...] = ()
    flags: tuple[str, ...] = ()
    problem: str = ""
    possible_zones: tuple[Zone, ...] = ()
    readings: tuple[str, ...] = ()
    status: str = IN_PROGRESS
    origin: str = ""

    @property
    def where(self) -> str:
        """Where its last sheet comes from, in French."""
        return self.origin or f"ligne {self.line}"


def project_of(sheet: Sheet) -> Project:
    """Make a project of one sheet alone, without a run: its seniority is not known."""
    return Project(
        line=sheet.line,
        signatory=sheet.signatory,
        place=sheet.place,
        planned_on=sheet.planned_on,
        specialty=sheet.specialty or None,
        contract_signed_on=sheet.contract_signed_on,
        applied_on=sheet.applied_on,
        mode=sheet.mode,
        problem=sheet.problem,
        status=sheet.status,
        origin=sheet.origin,
    )
