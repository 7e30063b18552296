"""The cards of a map: lines of a term, a text, and sometimes an address."""

from collections.abc import Iterable
from datetime import date

from cesp_geo.dates import french_day
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import REASON_WORDS, VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES

Lines = list[tuple[str, ...]]
"""Term and text, and sometimes an address."""


def verdict_lines(verdict: Verdict, catalogue: Catalogue) -> Lines:
    """The lines of a card that say a verdict."""
    lines: Lines = [("Éligible au CESP ce jour-là", VERDICT_WORDS[verdict.verdict])]
    if verdict.verdict == "undetermined":
        words = ", ".join(VERDICT_WORDS[item].lower() for item in verdict.possible)
        lines.append(("Reste possible", words))
    lines.append(("Pourquoi", REASON_WORDS.get(verdict.reason_code, verdict.explanation)))
    lines += order_lines(verdict.zoning_id, catalogue)
    if verdict.last_eligible_day and verdict.verdict != "eligible":
        lines.append(("Dernier jour éligible", french_day(verdict.last_eligible_day)))
    if verdict.maintainable_until and verdict.verdict != "eligible":
        lines.append(
            ("Peut être maintenu sur une liste jusqu'au", french_day(verdict.maintainable_until))
        )
    return lines


def order_lines(zoning_id: str | None, catalogue: Catalogue) -> Lines:
    """The lines of a card that say an order: its days, its address where it has one, its source."""
    zoning = catalogue.zonings.get(zoning_id or "")
    if zoning is None:
        return []
    order = zoning.order
    number = f" n° {order.number}" if order.number else ""
    href = next((item.href for item in zoning.sources if item.href), "")
    days = [("Signé", order.signed), ("Publié", order.published), ("Effet", order.effective)]
    return [
        ("Arrêté", f"{zoning.title}{number}", href),
        *((word, str(day)) for word, day in days if day),
        ("En vigueur depuis", str(order.takes_effect)),
        ("Source", " ; ".join(item.title for item in zoning.sources)),
    ]


def class_line(zone_class: str | None) -> tuple[str, str]:
    """The line of a card that says a class in words."""
    return "Classe", ZONE_CLASSES[zone_class] if zone_class else "inconnue"


def notes_of(catalogue: Catalogue, used: Iterable[str], known_on: date) -> list[str]:
    """What a reader must know: limits, sources and hashes."""
    found = [
        "Contours simplifiés des communes : pour un site près d'une limite, vérifiez son adresse.",
        "Cette carte prépare une décision : elle n'en est pas une. Seul l'arrêté fait foi.",
        f"Répond avec ce qui était enregistré le {french_day(known_on)}.",
    ]
    for zoning_id in sorted(set(used) & set(catalogue.zonings)):
        zoning = catalogue.zonings[zoning_id]
        sources = " ; ".join(item.title for item in zoning.sources)
        found.append(f"{zoning_id} : {sources} (sha256 {zoning.sha256[:16]}…)")
    return found
