"""The attestation: one A4 page that states what the zoning of a place was on a day.

Disclosures: code des relations entre le public et l'administration, art. L. 311-3-1 and
R. 311-3-1-2. The page prepares a decision and is not one.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from cesp_geo.dates import french_day
from cesp_geo.errors import OutputError
from cesp_geo.law import parameter, parameters
from cesp_geo.law.parameters import Dated
from cesp_geo.outputs.attestation_map import place_map
from cesp_geo.outputs.files import writing
from cesp_geo.siting.check import question_for
from cesp_geo.siting.eligibility import judge
from cesp_geo.siting.orders import name_order
from cesp_geo.siting.place import Place
from cesp_geo.siting.replay import reference_of
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import CONFIDENCE_WORDS, POSSIBLE_WORDS, VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import PROFESSIONS, ZONE_CLASSES

_SIGNS = {
    "eligible": ("✔", "#1a6b3a"),
    "maintained": ("✔", "#1a6b3a"),
    "may_be_maintained": ("~", "#8a5a00"),
    "not_eligible": ("✘", "#a3231f"),
    "undetermined": ("?", "#6a2f7d"),
}
_CLASS_DOUBTS = {
    "to_confirm": ", à confirmer",
    "perimeter_not_loaded": ", en partie seulement",
    "subunits_differ": ", sauf des quartiers classés autrement",
}
_NO_GLYPH = re.compile(r"[^\u0020-\u04ff\u1e00-\u2040€№→≤≥−✔✘]")
"""What the fonts of the page cannot write."""

_LONG_WORD = re.compile(r"\S{40}")
_MOST_TEXT = 600
_MOST_BYTES = 2_000_000


def write_attestation(
    verdict: Verdict, place: Place, catalogue: Catalogue, target: Path
) -> tuple[str, Path]:
    """Write the page, and beside it the verdict's JSON that its reference leads to.

    Parameters
    ----------
    verdict : Verdict
    place : Place
        That of the verdict, for the map.
    catalogue : Catalogue
    target : pathlib.Path
        ``.pdf``; the JSON has the same name, ``.json``.

    Returns
    -------
    reference : str
    beside : pathlib.Path

    Raises
    ------
    OutputError
        If the extra ``[pdf]`` is not installed, the name is no ``.pdf``, the JSON beside it
        is a file of another kind, or it cannot be written.
    """
    if target.suffix.lower() != ".pdf":
        raise OutputError(f"Une attestation est un PDF : nommez-la en .pdf, pas {target.name}.")
    beside = target.with_suffix(".json")
    if beside.exists() and not _is_verdict(beside):
        raise OutputError(
            f"{beside} existe et n'est pas un verdict : il serait remplacé. Donnez un autre nom "
            "à --sortie, ou déplacez ce fichier."
        )
    plain = verdict.to_json()
    page = attestation(verdict, place, catalogue)
    with writing(target) as path:
        path.write_bytes(page)
        path.with_name(beside.name).write_text(_written(plain), encoding="utf-8")
    return reference_of(plain), beside


def _is_verdict(path: Path) -> bool:
    try:
        found = json.loads(path.read_bytes()) if path.stat().st_size < _MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and {"verdict", "inputs", "program_version"} <= set(found)


def _written(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def attestation(verdict: Verdict, place: Place, catalogue: Catalogue) -> bytes:
    """Make the page (PDF, tagged, in French); the same verdict gives the same bytes.

    The verdict's JSON is attached to it, under the name of its reference.

    Raises
    ------
    OutputError
        If the extra ``[pdf]`` is not installed, or it cannot make this page.
    """
    try:
        import typst
    except ImportError:
        raise OutputError(
            "L'attestation demande un composant de plus. Dans le dossier du projet : "
            '« pip install -e ".[pdf]" ».'
        ) from None
    data = json.dumps(_printable(_data(verdict, place, catalogue)), ensure_ascii=False)
    source = files("cesp_geo.outputs").joinpath("attestation.typ").read_bytes()
    try:
        made: bytes = typst.compile(
            source,
            format="pdf",
            sys_inputs={"data": data, "verdict": _written(verdict.to_json())},
            ignore_system_fonts=True,
            timestamp=0,
            pdf_standards=["ua-1"],
        )
    except RuntimeError as error:
        raise OutputError(
            f"L'attestation n'a pas pu être mise en page ({error}). Le verdict reste valable : "
            "gardez son JSON (« verifier --json »), et signalez-nous ce cas."
        ) from None
    return made


def _printable(value: Any, key: str = "") -> Any:
    """Replace what the fonts cannot write, drop control signs, bound what is too long."""
    if isinstance(value, dict):
        return {name: _printable(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if key == "map":
        return value
    spaced = re.sub(r"\s", " ", unicodedata.normalize("NFC", value))
    kept = "".join(map(_sign, spaced))
    if key not in ("explanation", "map_alt") and len(kept) > _MOST_TEXT:
        kept = kept[:_MOST_TEXT] + "…"
    return _LONG_WORD.sub(r"\g<0> ", kept)


def _sign(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in ("Cc", "Cf"):
        return ""
    return "□" if category == "Cn" or _NO_GLYPH.match(sign) else sign


def _data(verdict: Verdict, place: Place, catalogue: Catalogue) -> dict[str, Any]:
    inputs = verdict.inputs
    sign, colour = _SIGNS[verdict.verdict]
    drawn = place_map(place, verdict, catalogue)
    several = len(verdict.possible) > 1
    asked = {
        "contrat signé le": inputs["contract_signed_on"],
        "demande du": inputs["applied_on"],
        "liste publiée le": inputs["list_published_on"],
        "connu au": inputs["known_on"],
    }
    days = (f"{words} {french_day(day)}" for words, day in asked.items() if day)
    return {
        "title": f"Zonage au {french_day(inputs['on'])} : {_name(place)}",
        "subtitle": " ; ".join(
            [PROFESSIONS[inputs["profession"]], *days, f"programme {verdict.program_version}"]
        ),
        "reference": reference_of(verdict.to_json()),
        "sign": sign,
        "color": colour,
        "verdict": VERDICT_WORDS[verdict.verdict],
        "possible": ", ".join(POSSIBLE_WORDS[item] for item in verdict.possible)
        if several
        else "",
        "explanation": verdict.explanation,
        "map": drawn.svg,
        "map_alt": f"Carte : {_name(place)} et les communes voisines. {drawn.words}",
        "map_legend": drawn.legend,
        "facts": list(_facts(verdict, place, catalogue)),
        "gaps": list(verdict.would_change) if verdict.verdict == "undetermined" else [],
        "law": list(_law(verdict)),
        "disclosures": _disclosures(verdict),
        "conditions": [item.title for item in verdict.regional_conditions],
        "attached": "Le verdict entier : « cesp-geo rejouer » le vérifie.",
        "notice": "Ce document prépare une décision et n'en est pas une : seul l'arrêté fait foi, "
        "et l'autorité compétente décide. Le fichier JSON de même référence, joint à ce PDF, "
        "permet de le vérifier plus tard (« cesp-geo rejouer FICHIER --reference "
        "CESP-… »). La référence est calculée sur ce contenu.",
    }  # fmt: skip


def _name(place: Place) -> str:
    if place.is_point:
        return f"{place.lat},{place.lon} ({place.communes[0].name})"
    return f"{place.unit_name} ({place.unit_code})"


def _decisive_day(verdict: Verdict) -> date:
    """The day whose zoning decides: that of the list, unless the day asked is enough."""
    listed = verdict.inputs["list_published_on"]
    day: date = verdict.inputs["on"]
    return day if listed is None or verdict.reason_code == "class_counts" else listed


def _facts(verdict: Verdict, place: Place, catalogue: Catalogue) -> Iterator[list[str]]:
    now = ", ".join(f"{item.name} ({item.code})" for item in place.communes_today)
    then = ", ".join(f"{item.name} ({item.code})" for item in place.communes)
    yield ["Commune ce jour-là", then, ""]
    if now != then:
        yield ["Commune aujourd'hui", now, ""]
    if verdict.zone_class:
        label = f", « {verdict.zone_label} »" if verdict.zone_label else ""
        doubt = _CLASS_DOUBTS.get(verdict.reason_code, "")
        yield ["Classe", f"{ZONE_CLASSES[verdict.zone_class]}{label}{doubt}", ""]
    yield from _orders(verdict, place, catalogue)
    last, until = verdict.last_eligible_day, verdict.maintainable_until
    latest = max(verdict.inputs["on"], verdict.inputs["list_published_on"] or date.min)
    if verdict.verdict != "eligible":
        yield ["Dernier jour éligible", french_day(last) if last else "aucun de connu", ""]
    if last and until:
        by = f"une liste publiée au plus tard le {french_day(until)}"
        if verdict.verdict == "eligible" and last >= latest:
            lost = french_day(last + timedelta(days=1))
            words = f"si le lieu perdait sa classe le {lost}, {by} pourrait l'y maintenir"
        else:
            words = f"{by} {'peut' if latest <= until else 'pouvait'} y maintenir ce lieu"
        yield ["Liste nationale", words, ""]


def _orders(verdict: Verdict, place: Place, catalogue: Catalogue) -> Iterator[list[str]]:
    """What rules, or may rule, the place on the decisive day, whether its content is held."""
    profession, known_on = verdict.inputs["profession"], verdict.inputs["known_on"]
    question = question_for(_decisive_day(verdict), profession)
    tracks = (
        catalogue.track(elit, profession, known_on, focus)
        for elit in place.elits
        for focus in place.foci
    )
    spells = (spell for track in tracks for spell in judge(track, question).on if spell)
    for order_id in dict.fromkeys(spell.given_by for spell in spells):
        order = catalogue.order(order_id, profession, known_on)
        zoning = catalogue.zonings.get(order_id)
        name = name_order(order).removeprefix("l'")
        if zoning is None:
            yield ["Arrêté", f"{name} : contenu non chargé", ""]
            continue
        href = next((item.href for item in zoning.sources if item.href.startswith("http")), "")
        effect = f"en vigueur à partir {order.takes_effect.since}"
        yield ["Arrêté", f"{zoning.title} : {name}, {effect}", href]


def _law(verdict: Verdict) -> Iterator[list[str]]:
    """Every parameter applied; and the three-year rule in our words, applied or not."""
    day = verdict.inputs["list_published_on"] or verdict.maintainable_until or verdict.inputs["on"]
    rule = parameter("national_list", "liste.duree", day)
    for item in verdict.law:
        if item != rule:
            yield _law_row(item, item.title)
    if rule is None:
        first = parameters("national_list")["liste.duree"].values[0]
        yield _law_row(
            first,
            f"Maintien sur la liste nationale des lieux qui ont perdu leur classe : le "
            f"{french_day(day)}, la règle n'existait pas (elle date du {french_day(first.start)})",
        )
        return
    yield _law_row(
        rule,
        f"Règle des {rule.value} ans de la liste nationale : pour ne pas défaire un projet mûri "
        "pendant les études, l'autorité peut, sans y être tenue, maintenir sur la liste un lieu "
        f"qui remplissait les conditions dans les {rule.value} ans qui précèdent la publication "
        "de cette liste. Ils se comptent depuis cette publication, non depuis la signature du "
        f"contrat ni l'installation. {rule.note}".rstrip(),
    )


def _law_row(item: Dated, words: str) -> list[str]:
    confidence = f"{item.confidence} : {CONFIDENCE_WORDS[item.confidence]}"
    return [words, item.reference, item.href, confidence]


def _disclosures(verdict: Verdict) -> list[list[Any]]:
    """The four things that a decision tool owes."""
    used = [
        f"{item['zoning_id']} ({item['source']} ; sha256 {item['sha256'][:16]}…)."
        for item in verdict.data
    ]
    rules = ", ".join(dict.fromkeys(item.id for item in verdict.law)) or "aucun"
    return [
        ["Part du programme",
         ["Il applique les règles enregistrées aux zonages chargés ; il ne décide pas."]],
        ["Données et sources",
         ["Communes : code officiel géographique "
          f"{verdict.inputs['cog']}, contours ADMIN EXPRESS (IGN).",
          *(used or ["Aucun zonage chargé ne porte sur ce lieu."])]],
        ["Paramètres et hypothèses", [f"{rules}.", *verdict.assumptions]],
        ["Opérations", list(verdict.operations)],
    ]  # fmt: skip
