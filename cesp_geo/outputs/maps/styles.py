"""How each class, status and outcome is drawn: colour, pattern and letter together.

Colours keep 3:1 against white and the ground of their pattern, and those of ZIP and ZAC stay apart
in the three common forms of colour blindness; the pattern and the letter say the same without them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from cesp_geo.siting.conflicts import OUTCOME_WORDS
from cesp_geo.siting.verdict import Verdict
from cesp_geo.siting.words import VERDICT_WORDS
from cesp_geo.zonings.model import ZONE_CLASSES


@dataclass(frozen=True, slots=True)
class Style:
    """A line of a legend; ``pale`` is the ground under the pattern."""

    label: str
    letter: str
    color: str
    pattern: str
    pale: str = "#ffffff"

    def plain(self) -> dict[str, str]:
        """Give it as the page reads it."""
        return asdict(self)


_BLUE, _ORANGE, _GREEN = "#0b4f8a", "#c65300", "#007a5a"
_BROWN, _GREY, _PURPLE, _WINE = "#7a6000", "#767676", "#7a3b8f", "#8a1f4b"

_DRAWN: Mapping[str, tuple[str, str, str, str]] = {
    "ZIP": ("ZIP", _BLUE, "solid", "#ffffff"),
    "ZAC": ("ZAC", _ORANGE, "rising", "#fbe3d2"),
    "ZAR": ("ZAR", _GREEN, "dots", "#d9efe7"),
    "ZV": ("ZV", _BROWN, "level", "#f3ecd2"),
    "HZ": ("HZ", _GREY, "none", "#f6f6f6"),
    "DEFICITAIRE": ("D", _WINE, "pierced", "#ffffff"),
    "DEFICITAIRE_MRS": ("DM", _ORANGE, "falling", "#fbe3d2"),
    "FRAGILE": ("F", _BROWN, "upright", "#f3ecd2"),
    "TRES_SOUS_DOTEE": ("TS", _BLUE, "solid", "#ffffff"),
    "SOUS_DOTEE": ("SD", _ORANGE, "rising", "#fbe3d2"),
    "INTERMEDIAIRE": ("I", _BROWN, "level", "#f3ecd2"),
    "TRES_DOTEE": ("TD", _GREEN, "upright", "#d9efe7"),
    "SUR_DOTEE": ("SU", _GREEN, "dots", "#d9efe7"),
    "NON_PRIORITAIRE": ("NP", _GREY, "none", "#f6f6f6"),
    "NC": ("NC", _GREY, "grid", "#f0f0f0"),
}

CLASS_STYLES: Mapping[str, Style] = {
    key: Style(ZONE_CLASSES[key], *_DRAWN[key]) for key in ZONE_CLASSES
} | {
    "doubt": Style("classé, à confirmer ou en partie seulement", "C?", _WINE, "grid", "#f6e3ec"),
    "several": Style("plusieurs classes selon les parties", "±", _PURPLE, "upright", "#efe3f3"),
    "?": Style("classe inconnue : contenu de l'arrêté manquant ou indéterminé", "?", _PURPLE,
               "cross", "#efe3f3"),
    "none": Style("non couvert de ce côté", "–", _GREY, "specks"),
}  # fmt: skip

STATUS_STYLES: Mapping[str, Style] = {
    "eligible": Style(VERDICT_WORDS["eligible"], "E", _BLUE, "solid"),
    "maintained": Style(VERDICT_WORDS["maintained"], "M", _GREEN, "upright", "#d9efe7"),
    "may_be_maintained": Style(
        VERDICT_WORDS["may_be_maintained"], "P", _ORANGE, "rising", "#fbe3d2"
    ),
    "not_eligible": Style(VERDICT_WORDS["not_eligible"], "N", _GREY, "none", "#f6f6f6"),
    "undetermined": Style(VERDICT_WORDS["undetermined"], "?", _PURPLE, "cross", "#efe3f3"),
}

OUTCOME_STYLES: Mapping[str, Style] = {
    "compatible": Style(OUTCOME_WORDS["compatible"], "C", _GREEN, "dots", "#d9efe7"),
    "case_by_case": Style(OUTCOME_WORDS["case_by_case"], "CC", _BROWN, "level", "#f3ecd2"),
    "priority": Style(OUTCOME_WORDS["priority"], "P", _BLUE, "solid"),
    "tie": Style(OUTCOME_WORDS["tie"], "=", _ORANGE, "rising", "#fbe3d2"),
    "undetermined": Style(OUTCOME_WORDS["undetermined"], "?", _PURPLE, "cross", "#efe3f3"),
    "none": Style("Sans concurrence", "", _GREY, "none", "#f6f6f6"),
}

_UNCERTAIN = {
    "to_confirm": "doubt",
    "perimeter_not_loaded": "doubt",
    "parts_differ": "several",
    "subunits_differ": "several",
}
"""Reason of an undetermined verdict to the style that tells it from a certain class."""


def style_of(verdict: Verdict) -> str:
    """The style of a verdict: its class where that is certain, ``?`` where it is not known."""
    return _UNCERTAIN.get(verdict.reason_code) or verdict.zone_class or "?"
