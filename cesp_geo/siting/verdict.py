"""The verdict on one site: a frozen value that carries its whole reasoning."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import Any

from cesp_geo.law.parameters import Dated

Plain = Mapping[str, Any]


@cache
def program_version() -> str:
    """The version of the installed program."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("cesp-geo")
    except PackageNotFoundError:
        return "0"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Does a place qualify on a day, and why.

    Attributes
    ----------
    verdict : str
        ``eligible``, ``maintained``, ``may_be_maintained``, ``not_eligible`` or
        ``undetermined``.
    possible : tuple of str
        The verdicts that remain when it is undetermined; else the verdict alone.
    reason_code : str
        A key of :data:`~cesp_geo.siting.words.REASON_WORDS`.
    explanation : str
        The reasoning in French.
    would_change : tuple of str
        What would settle or change the answer, in French.
    inputs, place : mapping
        What was asked, as resolved, and the place as it was and is.
    zone_class, zone_label, zoning_id : str or None
        What the order in force gives the place on the day that decides.
    last_eligible_day, maintainable_until : datetime.date or None
        The least that is known.
    on_previous_list : bool or None
        Whether the place was on an earlier list; None where no list was given.
    law : tuple of Dated
        The parameters applied, with their references.
    assumptions : tuple of str
        In French.
    regional_conditions : tuple of Dated
        To be checked with the ARS; never computed.
    data : tuple of mapping
        The versions used: ``zoning_id``, ``sha256``, ``source``.
    operations : tuple of str
        The steps taken, in French.
    """

    verdict: str
    possible: tuple[str, ...]
    reason_code: str
    explanation: str
    inputs: Plain
    place: Plain
    would_change: tuple[str, ...] = ()
    zone_class: str | None = None
    zone_label: str | None = None
    zoning_id: str | None = None
    last_eligible_day: date | None = None
    maintainable_until: date | None = None
    on_previous_list: bool | None = None
    law: tuple[Dated, ...] = ()
    assumptions: tuple[str, ...] = ()
    regional_conditions: tuple[Dated, ...] = ()
    data: tuple[Plain, ...] = ()
    operations: tuple[str, ...] = ()
    program_version: str = field(default_factory=program_version)

    def to_json(self) -> dict[str, Any]:
        """Give the verdict with the stable keys of its JSON form; days are ISO texts."""
        return {item.name: _plain(getattr(self, item.name)) for item in fields(self)}


def _plain(value: Any) -> Any:
    if isinstance(value, Dated):
        return _reference(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _reference(item: Dated) -> dict[str, Any]:
    return {
        "id": item.id,
        "value": item.value,
        "title": f"{item.title} ({item.reference})",
        "href": item.href or None,
        "confidence": item.confidence,
    }
