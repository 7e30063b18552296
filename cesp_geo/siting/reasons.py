"""Why a verdict is what it is: its reason, as a code."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cesp_geo.law import parameter
from cesp_geo.siting.eligibility import (
    ELIGIBLE,
    MAY_BE_MAINTAINED,
    UNDETERMINED,
    Judgement,
)
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.track import Doubt

if TYPE_CHECKING:
    from cesp_geo.siting.check import Inputs, PartJudgement
    from cesp_geo.siting.place import Place

GATE_REASONS = frozenset(
    {"application_day_missing", "cesp_not_open", "before_cesp", "governing_zoning_not_found"}
)
_DOUBT_REASONS = (
    (Doubt.GAP, "content_not_loaded"),
    (Doubt.TO_CONFIRM, "to_confirm"),
    (Doubt.PART, "perimeter_not_loaded"),
    (Doubt.NOT_COVERED, "not_covered"),
    (Doubt.SUBUNITS, "subunits_differ"),
)


def reason_code(
    place: "Place",
    inputs: "Inputs",
    catalogue: Catalogue,
    parts: "Sequence[PartJudgement]",
    possible: tuple[str, ...],
) -> str:
    """Give the reason of a verdict, a key of :data:`~cesp_geo.siting.words.REASON_WORDS`."""
    if len(possible) == 1:
        return _settled(parts, possible[0], inputs)
    judgements = [part.judgement for part in parts]
    if not any(item.unknowns for item in judgements) and all(
        item.verdict != UNDETERMINED for item in judgements
    ):
        if not place.is_point:
            return "parts_differ"
        return "inseparable_group" if len(place.elits) > 1 else "near_border"
    if reason := open_reason(judgements):
        return reason
    if not any(catalogue.timeline(region, inputs.profession) for region in catalogue.regions):
        return "no_zoning_for_profession"
    tracks = (catalogue.track(part.elit, inputs.profession, inputs.known_on) for part in parts)
    if any(track.spells for track in tracks):
        return "before_first_order"
    later = (catalogue.track(part.elit, inputs.profession) for part in parts)
    if any(track.spells for track in later):
        return "nothing_recorded"
    return "no_zoning_for_profession"


def open_reason(judgements: Sequence[Judgement]) -> str:
    """Give the reason why what orders say leaves an answer open; empty where none rules.

    What rules on the day asked, or on the list's, comes before what lies in the list's window.
    """
    unknowns = [spell for item in judgements for spell in item.unknowns]
    if not unknowns:
        return "effective_day_uncertain"
    ruled = [held for item in judgements for held in (item.on, item.on_list)]
    ruling = [spell for spell in unknowns if any(spell in held for held in ruled)]
    if not ruling:
        return "window_not_known"
    spell = next(filter(None, ruling), None)
    if spell is None:
        either = any(None in held and len(held) > 1 for held in ruled)
        return "effective_day_uncertain" if either else ""
    for doubt, reason in _DOUBT_REASONS:
        if doubt in spell.standing.doubts:
            return reason
    return "class_not_given" if spell.standing.zone_class == "NC" else "law_not_found"


def _settled(parts: "Sequence[PartJudgement]", verdict: str, inputs: "Inputs") -> str:
    if verdict == ELIGIBLE:
        by_day = all(part.on_day.verdict == ELIGIBLE for part in parts)
        return "class_counts" if by_day else "eligible_on_list_day"
    if verdict == MAY_BE_MAINTAINED:
        return "within_three_years"
    if inputs.list_published_on and any(part.judgement.last_eligible_day for part in parts):
        rule = parameter("national_list", "liste.duree", inputs.list_published_on)
        return "lost_too_long_ago" if rule else "no_list_rule_yet"
    spells = [spell for part in parts for spell in part.on_day.on]
    if all(spell and spell.standing.zone_class == "HZ" for spell in spells):
        return "outside_zoning"
    return "class_does_not_count"
