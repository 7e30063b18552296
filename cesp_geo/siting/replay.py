"""Does a verdict of another day still hold: recomputed with its own clocks, and compared."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cesp_geo.dates import french_day, parse_day
from cesp_geo.errors import CespGeoError, DataError, DateError
from cesp_geo.siting.check import check_site
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import REASON_WORDS, VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES

IDENTICAL = "identical"
DATA_CHANGED = "data_changed"
LAW_CHANGED = "law_changed"
PROGRAM_CHANGED = "program_changed"
ALTERED = "altered"

OUTCOMES: Mapping[str, str] = {
    IDENTICAL: "Identique",
    DATA_CHANGED: "Les données ont changé",
    LAW_CHANGED: "Le droit enregistré a changé",
    PROGRAM_CHANGED: "Le programme a changé",
    ALTERED: "Le fichier a été modifié (ou le programme, sans changer de version)",
}

_DAYS = ("on", "known_on", "list_published_on", "contract_signed_on", "applied_on")
_TEXTS = ("place", "profession", "specialty", "purpose")
_MOST_TEXT = 300
_FIELDS: Mapping[str, str] = {
    "verdict": "réponse",
    "possible": "réponses possibles",
    "reason_code": "motif",
    "explanation": "explication",
    "would_change": "ce qui changerait la réponse",
    "inputs": "question",
    "place": "lieu",
    "zone_class": "classe",
    "zone_label": "nom de la zone",
    "zoning_id": "zonage",
    "last_eligible_day": "dernier jour éligible",
    "maintainable_until": "maintien possible jusqu'au",
    "on_previous_list": "présence sur une liste antérieure",
    "law": "droit appliqué",
    "assumptions": "hypothèses",
    "regional_conditions": "conditions régionales",
    "data": "données",
    "operations": "opérations",
}
_VALUES: Mapping[str, Mapping[str, str]] = {
    "verdict": VERDICT_WORDS,
    "reason_code": REASON_WORDS,
    "zone_class": ZONE_CLASSES,
    "last_eligible_day": {},
}
"""The fields whose two values are told, and their words."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A verdict recomputed.

    Attributes
    ----------
    outcome : str
        A key of :data:`OUTCOMES`; the first cause found, data before law before program. A
        result that differs although none of them changed was altered: so was one whose law is
        not that of its own program.
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
    digest = hashlib.sha256(_canonical(plain)).hexdigest()[:16].upper()
    return "CESP-" + "-".join(digest[at : at + 4] for at in range(0, 16, 4))


def _canonical(plain: Any) -> bytes:
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode(errors="surrogatepass")


def replay(plain: Any, catalogue: Catalogue, known_on: date | None = None) -> Replay:
    """Recompute a verdict from its JSON, and say whether it still holds.

    Parameters
    ----------
    plain : mapping
        What :meth:`~cesp_geo.siting.verdict.Verdict.to_json` gave, or the answer of the API
        that holds it with its ``reference``.
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
    then, written = _unwrapped(plain)
    inputs = _inputs(then)
    try:
        reference = reference_of(then)
    except RecursionError:
        raise DataError("Verdict abîmé : ses champs s'emboîtent sans fin.") from None
    verdict = _checked(inputs, catalogue)
    outcome, changes = _compared(then, verdict.to_json(), ALTERED)
    if written is not None and written != reference:
        outcome = ALTERED
        changes.insert(0, f"référence écrite : {_short(written)}, celle du contenu : {reference}")
    if known_on is not None:
        verdict = _checked({**inputs, "known_on": known_on}, catalogue)
        now = verdict.to_json()
        clock = {key: now[key] for key in ("inputs", "operations")}
        if outcome != ALTERED:
            outcome, changes = _compared({**then, **clock}, now, DATA_CHANGED)
    return Replay(outcome, tuple(changes), verdict, reference)


def _unwrapped(plain: Any) -> tuple[Any, Any]:
    """A verdict and the reference written beside it, if any."""
    if isinstance(plain, Mapping) and isinstance(plain.get("verdict"), Mapping):
        return plain["verdict"], plain.get("reference")
    return plain, None


def _checked(inputs: Mapping[str, Any], catalogue: Catalogue) -> Verdict:
    try:
        return check_site(catalogue=catalogue, **inputs)
    except CespGeoError as error:
        raise DataError(f"Le verdict ne peut plus être recalculé : {error}") from None


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


def _compared(
    then: Mapping[str, Any], now: Mapping[str, Any], unexplained: str
) -> tuple[str, list[str]]:
    """The outcome, that of a difference without a cause being given, and what differs."""
    data = _by_key(then, now, "data", "zoning_id", "sha256", "zonage")
    one, two = then["inputs"].get("cog"), now["inputs"]["cog"]
    if one != two:
        data.append(f"millésime : {_short(one)}, aujourd'hui {two}")
    law = _by_key(then, now, "law", "id", "value", "paramètre")
    law += _by_key(then, now, "regional_conditions", "id", "title", "condition régionale")
    changes = data + law
    version, running = then.get("program_version"), now["program_version"]
    if version != running:
        changes.append(f"programme : version {_short(version)}, aujourd'hui {running}")
    differ = [
        key
        for key in sorted({*then, *now} - {"program_version"})
        if (key in then) != (key in now) or _canonical(then[key]) != _canonical(now[key])
    ]
    changes += [
        f"{_FIELDS[key]} : {_word(key, then.get(key))}, aujourd'hui {_word(key, now[key])}"
        for key in differ
        if key in _VALUES
    ]
    # The steps told of one question are the same, and the law is that of the program.
    if "operations" in differ and version == running and one == two:
        return unexplained, changes
    if data:
        return DATA_CHANGED, changes
    if law and version != running:
        return LAW_CHANGED, changes
    if not differ:
        return IDENTICAL, changes
    names = (_FIELDS.get(key, _short(key)) for key in differ)
    changes.append(f"champs qui diffèrent : {', '.join(names)}")
    return (unexplained if version == running else PROGRAM_CHANGED), changes


def _word(field: str, value: Any) -> str:
    """A value of a field as a person reads it."""
    if value is None:
        return "sans valeur"
    try:
        return french_day(date.fromisoformat(value))
    except (TypeError, ValueError):
        return _VALUES[field].get(str(value)) or _short(value)


def _by_key(
    then: Mapping[str, Any], now: Mapping[str, Any], field: str, key: str, value: str, name: str
) -> list[str]:
    """Say what was added, taken away or changed in one field."""
    sides = []
    for side in (then, now):
        items = side.get(field)
        rows = items if isinstance(items, list) else []
        sides.append({str(item.get(key)): item for item in rows if isinstance(item, Mapping)})
    found = []
    for item in sorted({*sides[0], *sides[1]}):
        one, two = sides[0].get(item), sides[1].get(item)
        title = f"{name} {_short(item)}"
        if one is None or two is None:
            found.append(f"{title} : {'ajouté' if one is None else 'retiré'}")
        elif one.get(value) != two.get(value):
            found.append(f"{title} : {_short(one.get(value))}, aujourd'hui {two.get(value)}")
        elif one != two and set(one) == set(two):
            found.append(f"{title} : référence modifiée")
    return found


def _short(value: Any) -> str:
    """What a file of unknown origin says, fit for one line of a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(value)[:100])
