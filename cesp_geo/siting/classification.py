"""The class of every part under one version, or on one day."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.siting.calendar import known_orders, refuse_empty_day
from cesp_geo.siting.check import question_for
from cesp_geo.siting.eligibility import judge
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES, Designation, Zoning
from cesp_geo.zonings.track import UNKNOWN, Doubt, Focus, reading_codes

Part = int | str
"""An élit, or the code of a unit inside communes (QPV…)."""


@dataclass(frozen=True, slots=True)
class Classification:
    """The class of each part on one side of a comparison.

    Attributes
    ----------
    label : str
        What is compared: a version's id, or a day.
    day : datetime.date
        Whose communes name the parts, and whose law says which classes count.
    profession : str
    classes : mapping of int or str to str
        By élit, or by code of sub-unit: the zone class; with ``?`` after it where it is to
        confirm or holds for a part only; the id of the gap where the order in force is known
        without its content. A part that is not known otherwise is left out.
    territories : mapping of str to Territory
        What each sub-unit covers.
    of_day : bool
        Whether it is all that was in force on a day, rather than one version.
    unplaced : tuple of str
        Codes of the sub-units that cannot be judged, their communes not being known.
    """

    label: str
    day: date
    profession: str
    classes: Mapping[Part, str]
    territories: Mapping[str, "Territory"] = field(default_factory=dict)
    of_day: bool = False
    unplaced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Territory:
    """What a sub-unit covers: its name, its élits, and the digest of its perimeter if loaded.

    ``region`` is that of the ARS that decides.
    """

    name: str
    elits: tuple[int, ...]
    region: str
    perimeter: str = ""

    def differs(self, other: "Territory") -> bool:
        """Say whether two sides of one sub-unit do not cover the same ground."""
        drawn = bool(self.perimeter and other.perimeter)
        return self.perimeter != other.perimeter if drawn else self.elits != other.elits


def class_words(label: str | None) -> str:
    """Give in French what a classification says of a part; None for not covered.

    Examples
    --------
    >>> class_words("ZIP?")
    "zone d'intervention prioritaire (ZIP), à confirmer ou en partie"
    >>> class_words("11-medecin-2018-03-06-lacune")
    'contenu non chargé (11-medecin-2018-03-06-lacune)'
    """
    if label is None:
        return "non couvert"
    if is_unread(label):
        return f"contenu non chargé ({label})"
    doubt = ", à confirmer ou en partie" if is_doubtful(label) else ""
    return ZONE_CLASSES[label.removesuffix(_DOUBT)] + doubt


def is_doubtful(label: str) -> bool:
    """Say whether a class is to confirm, or holds for a part only."""
    return label.endswith(_DOUBT)


def is_unread(label: str | None) -> bool:
    """Say whether it is a gap, whose content is not held, rather than a class."""
    return label is not None and label.removesuffix(_DOUBT) not in ZONE_CLASSES


_DOUBT = "?"


def _label(item: Designation) -> str:
    sure = item.certainty == "confirmed" and item.extent == "whole"
    return item.zone_class if sure else item.zone_class + _DOUBT


def classify(zoning: Zoning) -> Classification:
    """Give the class of each part that a version names, or is known to leave outside.

    Parts are read as on the day on which the version takes effect: a merged commune follows the
    code that it keeps, whatever the table's millésime.
    """
    communes.preload()
    day = zoning.order.takes_effect.last
    whole = zoning.scope == "region"
    records = (record for code in zoning.by_commune for record in communes.of_code(code))
    touched = {elit for record in records for elit in record.elits}
    classes: dict[Part, str] = {}
    for commune in communes.communes(day):
        outside = (
            whole
            and commune.region == zoning.region
            and not {"*", commune.departement}.isdisjoint(zoning.exhaustive)
        )
        if not outside and touched.isdisjoint(commune.elits):
            continue
        for elit in commune.elits:
            codes = reading_codes(zoning, elit, commune)
            named = next((code for code in codes if code in zoning.by_commune), None)
            if named is not None:
                classes[elit] = _label(zoning.by_commune[named])
            elif outside:
                classes[elit] = "HZ"
    classes |= {code: _label(item) for code, item in zoning.by_subunit.items()}
    return Classification(zoning.id, day, zoning.profession, classes, _territories(zoning))


def _territories(zoning: Zoning) -> dict[str, Territory]:
    """What the sub-units of a version cover."""
    drawn: Mapping[str, Any] = {}
    if zoning.perimeters_path:
        from cesp_geo.zonings.perimeters import read_perimeters

        drawn = read_perimeters(zoning)
    day = date(zoning.millesime, 1, 1)
    found = {}
    for code, item in zoning.by_subunit.items():
        holders = (communes.by_code(each, day) for each in item.commune_codes)
        elits = sorted({elit for holder in holders if holder for elit in holder.elits})
        shape = drawn[code].normalize().wkb if code in drawn else b""
        digest = hashlib.sha256(shape).hexdigest() if shape else ""
        found[code] = Territory(item.unit_name or code, tuple(elits), zoning.region, digest)
    return found


def classify_day(
    catalogue: Catalogue,
    day: date,
    profession: str = "medecin",
    region: str | None = None,
    known_on: date | None = None,
) -> Classification:
    """Give the class of each part on a day, as far as the versions in force say it.

    Parameters
    ----------
    catalogue : Catalogue
    day : datetime.date
    profession : str
    region : str, optional
        Only what the ARS of a region decides.
    known_on : datetime.date, optional

    Returns
    -------
    Classification

    Raises
    ------
    DateError
        If no order is known that day.
    """
    refuse_empty_day(catalogue, day, profession, region, known_on)
    communes.preload()
    question = question_for(day, profession)

    def of(elit: int, focus: Focus) -> tuple[str, str]:
        """Label and order of a part, empty where they are not known."""
        ruling = judge(catalogue.track(elit, profession, known_on, focus), question).on
        spell = ruling[0] if len(ruling) == 1 else None
        if spell is None or (region and spell.region != region):
            return "", ""
        standing = spell.standing
        if standing == UNKNOWN:
            return spell.given_by, spell.given_by
        doubt = "" if standing.doubts.isdisjoint({Doubt.TO_CONFIRM, Doubt.PART}) else _DOUBT
        return (standing.zone_class and standing.zone_class + doubt) or "", spell.given_by

    point = Focus(point=True)
    classes: dict[Part, str] = {}
    for commune in communes.communes(day):
        for elit in commune.elits:
            if label := of(elit, point)[0]:
                classes[elit] = label
    territories: dict[str, Territory] = {}
    unplaced: set[str] = set()
    for entry in known_orders(catalogue, profession, region, known_on):
        if entry.zoning is None or entry.effective.first > day:
            continue
        for code, territory in _territories(entry.zoning).items():
            answers = {of(elit, Focus(subunit=code)) for elit in territory.elits}
            label, order_id = answers.pop() if len(answers) == 1 else ("", "")
            if order_id == entry.id and label:
                classes[code], territories[code] = label, territory
            if not territory.elits:
                unplaced.add(code)
    return Classification(
        day.isoformat(), day, profession, classes, territories, True, tuple(sorted(unplaced))
    )
