"""The attestation: one A4 page that states what the zoning of a place was on a day.

Disclosures: code des relations entre le public et l'administration, art. L. 311-3-1 and
R. 311-3-1-2. The page prepares a decision and is not one.
"""

import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.dates import french_day
from cesp_geo.errors import OutputError
from cesp_geo.outputs.files import writing
from cesp_geo.siting.place import Place
from cesp_geo.siting.replay import reference_of
from cesp_geo.siting.survey import Answers, place_of
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
_LETTERS = {"DEFICITAIRE": "D", "DEFICITAIRE_MRS": "DM", "FRAGILE": "F"}
_SCALE = 100_000
_MOST = {"law": 5, "conditions": 3, "assumptions": 3}


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
        If the extra ``[pdf]`` is not installed, the name is no ``.pdf``, or it cannot be
        written.
    """
    if target.suffix.lower() != ".pdf":
        raise OutputError(f"Une attestation est un PDF : nommez-la en .pdf, pas {target.name}.")
    plain = verdict.to_json()
    page = attestation(verdict, place, catalogue)
    beside = target.with_suffix(".json")
    with writing(target) as path:
        path.write_bytes(page)
        text = json.dumps(plain, ensure_ascii=False, indent=2)
        path.with_name(beside.name).write_text(text + "\n", encoding="utf-8")
    return reference_of(plain), beside


def attestation(verdict: Verdict, place: Place, catalogue: Catalogue) -> bytes:
    """Make the page (PDF, tagged, in French); the same verdict gives the same bytes.

    Raises
    ------
    OutputError
        If the extra ``[pdf]`` is not installed.
    """
    try:
        import typst
    except ImportError:
        raise OutputError(
            "L'attestation demande un composant de plus : installez « cesp-geo[pdf] »."
        ) from None
    data = json.dumps(_data(verdict, place, catalogue), ensure_ascii=False)
    source = files("cesp_geo.outputs").joinpath("attestation.typ").read_bytes()
    made: bytes = typst.compile(
        source,
        format="pdf",
        sys_inputs={"data": data},
        ignore_system_fonts=True,
        timestamp=0,
        pdf_standards=["ua-1"],
    )
    return made


def _data(verdict: Verdict, place: Place, catalogue: Catalogue) -> dict[str, Any]:
    inputs = verdict.inputs
    on: date = inputs["on"]
    sign, colour = _SIGNS[verdict.verdict]
    signed = inputs["contract_signed_on"]
    drawing, seen = _map(place, verdict, catalogue)
    several = len(verdict.possible) > 1
    return {
        "title": f"Zonage de {_name(place)} au {french_day(on)}",
        "subtitle": f"{PROFESSIONS[inputs['profession']]}"
        + (f", contrat signé le {french_day(signed)}" if signed else "")
        + f" ; connu au {french_day(inputs['known_on'])} ; programme {verdict.program_version}",
        "reference": reference_of(verdict.to_json()),
        "sign": sign,
        "color": colour,
        "verdict": VERDICT_WORDS[verdict.verdict],
        "possible": ", ".join(POSSIBLE_WORDS[item] for item in verdict.possible)
        if several
        else "",
        "explanation": verdict.explanation,
        "map": drawing,
        "map_alt": f"Carte de {_name(place)} et des communes voisines. {seen}",
        "map_legend": f"Trait épais : le lieu. {seen} Contours simplifiés, exacts à 100 m près.",
        "facts": _facts(verdict, place, catalogue),
        "gaps": list(verdict.would_change)[:3] if verdict.verdict == "undetermined" else [],
        "law": [
            [item.title, item.reference, item.href, f"{item.confidence} : "
             f"{CONFIDENCE_WORDS[item.confidence]}"]
            for item in verdict.law[: _MOST["law"]]
        ],
        "disclosures": _disclosures(verdict),
        "conditions": [item.title for item in verdict.regional_conditions[: _MOST["conditions"]]],
        "notice": "Ce document prépare une décision et n'en est pas une : seul l'arrêté fait foi, "
        "et l'autorité compétente décide. Le fichier JSON du même nom permet de le vérifier plus "
        "tard (« cesp-geo rejouer »). La référence est calculée sur ce contenu.",
    }  # fmt: skip


def _name(place: Place) -> str:
    if place.is_point:
        return f"{place.lat},{place.lon} ({place.communes[0].name})"
    return f"{place.unit_name} ({place.unit_code})"


def _facts(verdict: Verdict, place: Place, catalogue: Catalogue) -> list[list[str]]:
    now = ", ".join(f"{item.name} ({item.code})" for item in place.communes_today)
    then = ", ".join(f"{item.name} ({item.code})" for item in place.communes)
    rows = [["Commune ce jour-là", then, ""]]
    if now != then:
        rows.append(["Commune aujourd'hui", now, ""])
    if verdict.zone_class:
        label = f", « {verdict.zone_label} »" if verdict.zone_label else ""
        rows.append(["Classe", f"{ZONE_CLASSES[verdict.zone_class]}{label}", ""])
    zoning = catalogue.zonings.get(verdict.zoning_id or "")
    if zoning:
        order = zoning.order
        number = f" n° {order.number}" if order.number else ""
        signed = f" {order.signed.since}" if order.signed else ""
        href = next((item.href for item in zoning.sources if item.href), "")
        rows.append(["Arrêté", f"{zoning.title}{number}{signed}", href])
        rows.append(["Empreinte", f"sha256 {zoning.sha256[:32]}…", ""])
    last, until = verdict.last_eligible_day, verdict.maintainable_until
    if verdict.verdict != "eligible":
        rows.append(["Dernier jour éligible", french_day(last) if last else "aucun de connu", ""])
    if until:
        words = f"sur une liste publiée au plus tard le {french_day(until)}"
        rows.append(["Trois ans", f"peut être maintenu {words}", ""])
    return rows


def _disclosures(verdict: Verdict) -> list[list[str]]:
    """The four things that a decision tool owes."""
    used = ", ".join(f"{item['zoning_id']}" for item in verdict.data) or "aucun zonage chargé"
    rules = ", ".join(dict.fromkeys(item.id for item in verdict.law)) or "aucun"
    assumed = " ".join(verdict.assumptions[: _MOST["assumptions"]])
    return [
        ["Part du programme", "il applique les règles enregistrées aux zonages chargés ; il ne "
         "décide pas."],
        ["Données et sources", f"{used} ; communes : code officiel géographique "
         f"{verdict.inputs['cog']}, contours ADMIN EXPRESS (IGN)."],
        ["Paramètres", f"{rules}. {assumed}"],
        ["Opérations", " ".join(verdict.operations[:5])],
    ]  # fmt: skip


def _map(place: Place, verdict: Verdict, catalogue: Catalogue) -> tuple[str, str]:
    """The place and its neighbours by class, as SVG; and the same in words."""
    import shapely

    on: date = verdict.inputs["on"]
    answers = Answers(
        catalogue, on, verdict.inputs["profession"], known_on=verdict.inputs["known_on"]
    )
    own = sorted({elit for unit in place.communes for elit in unit.elits} | set(place.elits))
    if not communes.shapes_of(own):
        return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"/>', "Sans contour."
    shown: dict[str, Commune] = {}
    for elit in (*own, *communes.neighbours(own)):
        unit = communes.arrondissement_on(elit, on) or communes.commune_on(elit, on)
        if unit:
            shown.setdefault(unit.code, unit)
    middle = communes.polygon(own)
    west, south, east, north = middle.bounds
    pad = 0.35 * max(east - west, north - south)
    box = shapely.box(west - pad, south - pad, east + pad, north + pad)
    squeeze = _cosine((south + north) / 2)

    def at(lon: float, lat: float) -> str:
        return f"{(lon - west + pad) * squeeze * _SCALE:.0f} {(north + pad - lat) * _SCALE:.0f}"

    parts, words = [], []
    size = (north - south + 2 * pad) * _SCALE
    for unit in shown.values():
        shape = communes.polygon(unit.elits).intersection(box)
        if shape.is_empty:
            continue
        zone = answers.of(place_of(unit, on)).zone_class
        letter = _LETTERS.get(zone or "", zone or "?")
        own_place = bool(set(unit.elits) & set(own))
        path = "".join(
            "M" + "L".join(at(x, y) for x, y in ring.coords) + "Z"
            for part in shapely.get_parts(shape)
            if part.geom_type == "Polygon"
            for ring in (part.exterior, *part.interiors)
        )
        fill = "#cfe0f0" if zone in ("ZIP", "DEFICITAIRE", "TRES_SOUS_DOTEE") else "#ffffff"
        fill = "#fbe3d2" if zone in ("ZAC", "SOUS_DOTEE") else fill
        fill = "#efe3f3" if zone is None else fill
        parts.append(
            f'<path d="{path}" fill="{fill}" fill-rule="evenodd" stroke="#333" '
            f'stroke-width="{size / (90 if own_place else 400):.0f}"/>'
        )
        spot = shape.representative_point()
        x, y = at(spot.x, spot.y).split()
        parts.append(
            f'<text x="{x}" y="{y}" font-size="{size / 22:.0f}" text-anchor="middle" '
            f'font-family="DejaVu Sans">{letter}</text>'
        )
        words.append(f"{unit.name} {letter}")
    if place.lon is not None and place.lat is not None:
        x, y = at(place.lon, place.lat).split()
        parts.append(f'<circle cx="{x}" cy="{y}" r="{size / 60:.0f}" fill="#000"/>')
    width = (east - west + 2 * pad) * squeeze * _SCALE
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {size:.0f}">'
    seen = "Classes : " + ", ".join(words[:9]) + ("…" if len(words) > 9 else ".")
    return head + "".join(parts) + "</svg>", seen


def _cosine(latitude: float) -> float:
    import math

    return math.cos(math.radians(latitude))
