"""Does a verdict of another day still hold: recomputed with its own clocks, and compared."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cesp_geo.dates import parse_day
from cesp_geo.errors import CespGeoError, DataError, DateError
from cesp_geo.siting.check import check_site
from cesp_geo.siting.verdict import Verdict
from cesp_geo.zonings.catalogue import Catalogue

IDENTICAL = "identical"
DATA_CHANGED = "data_changed"
LAW_CHANGED = "law_changed"
PROGRAM_CHANGED = "program_changed"

OUTCOMES: Mapping[str, str] = {
    IDENTICAL: "Identique",
    DATA_CHANGED: "Les données ont changé",
    LAW_CHANGED: "Le droit enregistré a changé",
    PROGRAM_CHANGED: "Le programme a changé",
}

_DAYS = ("on", "known_on", "list_published_on", "contract_signed_on", "applied_on")
_TEXTS = ("place", "profession", "specialty", "purpose")
_MOST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Replay:
    """A verdict recomputed.

    Attributes
    ----------
    outcome : str
        A key of :data:`OUTCOMES`; the first cause found, data before law before program.
    changes : tuple of str
        What differs, in French.
    verdict : Verdict
        As it is today.
    reference : str
        That of the verdict replayed.
    """

    outcome: str
    changes: tuple[str, ...]
    verdict: Verdict
    reference: str


def reference_of(plain: Mapping[str, Any]) -> str:
    """Give the reference number of a verdict's JSON: it is derived from the content alone.

    Examples
    --------
    >>> reference_of({"verdict": "eligible"})
    'CESP-4514-209B-8AB8-27AD'
    """
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16].upper()
    return "CESP-" + "-".join(digest[at : at + 4] for at in range(0, 16, 4))


def replay(plain: Any, catalogue: Catalogue, known_on: date | None = None) -> Replay:
    """Recompute a verdict from its JSON, and say whether it still holds.

    Parameters
    ----------
    plain : mapping
        What :meth:`~cesp_geo.siting.verdict.Verdict.to_json` gave.
    catalogue : Catalogue
    known_on : datetime.date, optional
        Another day of knowledge; that of the verdict by default.

    Returns
    -------
    Replay

    Raises
    ------
    DataError
        If it is no verdict, or its place can no longer be read.

    Examples
    --------
    >>> catalogue = Catalogue.load()
    >>> plain = check_site("Bobigny", on="2013-06-01", catalogue=catalogue).to_json()
    >>> replay(plain, catalogue).outcome
    'identical'
    """
    inputs = _inputs(plain)
    if known_on is not None:
        inputs["known_on"] = known_on
    place = inputs.pop("place")
    try:
        verdict = check_site(place, catalogue=catalogue, **inputs)
    except CespGeoError as error:
        raise DataError(f"Le verdict ne peut plus être recalculé : {error}") from None
    now = verdict.to_json()
    then = dict(plain)
    if known_on is not None:
        then["inputs"] = {**then["inputs"], "known_on": known_on.isoformat()}
    outcome, changes = _compared(then, now)
    return Replay(outcome, tuple(changes), verdict, reference_of(plain))


def _inputs(plain: Any) -> dict[str, Any]:
    """The question of a verdict, each value checked: the file may come from anywhere."""
    inputs = plain.get("inputs") if isinstance(plain, Mapping) else None
    if not isinstance(inputs, Mapping) or "verdict" not in plain:
        raise DataError(
            "Ce fichier n'est pas un verdict : donnez celui qu'a écrit « verifier --json » ou "
            "« attestation »."
        )
    found: dict[str, Any] = {}
    for key in _TEXTS:
        value = inputs.get(key)
        if value is not None and (not isinstance(value, str) or len(value) > _MOST_TEXT):
            raise DataError(f"Verdict abîmé : inputs.{key} n'est pas un texte attendu.")
        found[key] = value
    for key in _DAYS:
        value = inputs.get(key)
        try:
            found[key] = None if value is None else parse_day(str(value))
        except DateError as error:
            raise DataError(f"Verdict abîmé : inputs.{key} : {error}") from None
    if not found["place"] or not found["profession"] or not found["on"] or not found["purpose"]:
        raise DataError("Verdict abîmé : il manque le lieu, le jour, la profession ou l'objet.")
    return found


def _compared(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, list[str]]:
    changes = [
        *_by_key(then, now, "data", "zoning_id", "sha256", "zonage"),
        *_by_key(then, now, "inputs", "cog", "", "millésime"),
    ]
    outcome = DATA_CHANGED if changes else ""
    law = _by_key(then, now, "law", "id", "value", "paramètre")
    law += _by_key(then, now, "regional_conditions", "id", "title", "condition régionale")
    outcome = outcome or (LAW_CHANGED if law else "")
    changes += law
    version = [then.get("program_version"), now["program_version"]]
    if version[0] != version[1]:
        changes.append(f"programme : version {version[0]}, aujourd'hui {version[1]}")
    same = {"data", "law", "regional_conditions", "program_version"}
    others = [key for key in sorted({*then, *now} - same) if then.get(key) != now.get(key)]
    for key in others:
        if key in ("verdict", "reason_code", "zone_class", "last_eligible_day"):
            changes.append(f"{key} : {then.get(key)}, aujourd'hui {now.get(key)}")
    if not outcome:
        outcome = PROGRAM_CHANGED if others else IDENTICAL
        if others and not changes:
            changes.append(f"champs qui diffèrent : {', '.join(others)}")
    return outcome, changes


def _by_key(
    then: Mapping[str, Any], now: Mapping[str, Any], field: str, key: str, value: str, name: str
) -> list[str]:
    """Say what was added, taken away or changed in one field."""
    if not value:
        one, two = then.get(field, {}).get(key), now.get(field, {}).get(key)
        return [] if one == two else [f"{name} : {one}, aujourd'hui {two}"]
    sides = []
    for side in (then, now):
        items = side.get(field)
        rows = items if isinstance(items, list) else []
        sides.append({str(item.get(key)): item for item in rows if isinstance(item, Mapping)})
    found = []
    for item in sorted({*sides[0], *sides[1]}):
        one, two = sides[0].get(item), sides[1].get(item)
        if one is None or two is None:
            found.append(f"{name} {item} : {'ajouté' if one is None else 'retiré'}")
        elif one.get(value) != two.get(value):
            found.append(f"{name} {item} : {one.get(value)}, aujourd'hui {two.get(value)}")
        elif one != two:
            found.append(f"{name} {item} : référence modifiée")
    return found
