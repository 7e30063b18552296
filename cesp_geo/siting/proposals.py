"""What the ARS propose for a national list, checked against the zonings.

The list is drawn up from the needs of the ARS (places, specialties, modes, posts); what no
zoning carries is set apart with its reason.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from cesp_geo import communes
from cesp_geo.communes import name_key
from cesp_geo.errors import CespGeoError, UnknownPlace
from cesp_geo.siting.check import check_site
from cesp_geo.siting.eligibility import (
    ELIGIBLE,
    MAINTAINED,
    MAY_BE_MAINTAINED,
    NOT_ELIGIBLE,
    UNDETERMINED,
)
from cesp_geo.siting.list_rule import ListRule
from cesp_geo.siting.mentions import Mention, Named, read_mentions
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.words import REASON_WORDS
from cesp_geo.zonings.catalogue import Catalogue

DRAFT_TITLE = "Projet vérifié de liste nationale"
MODES = ("libéral", "salarié", "mixte")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line of an ARS's proposals."""

    line: int
    place: str
    specialty: str = ""
    mode: str = ""
    posts: int | None = None
    establishment: str = ""


@dataclass(frozen=True, slots=True)
class CheckedProposal:
    """A proposal and what the zonings say of its place on the day of the list.

    Attributes
    ----------
    proposal : Proposal
    status : str
        As in :class:`~cesp_geo.siting.national_list.ListedPlace`; ``undetermined`` too where
        the place is unknown.
    reason : str
        In French.
    region, departement, code, name : str
    remarks : tuple of str
        In French, what to check in the line itself.
    """

    proposal: Proposal
    status: str
    reason: str
    region: str = ""
    departement: str = ""
    code: str = ""
    name: str = ""
    zone_class: str = ""
    order_id: str = ""
    last_eligible_day: date | None = None
    maintainable_until: date | None = None
    remarks: tuple[str, ...] = ()

    @property
    def carried(self) -> bool:
        """Whether a zoning carries it: eligible, maintained, or it may be."""
        return self.status in (ELIGIBLE, MAINTAINED, MAY_BE_MAINTAINED)


def check_proposals(
    proposals: Iterable[Proposal],
    catalogue: Catalogue,
    published_on: date,
    decisions: Iterable[str | Mention] = (),
    profession: str = "medecin",
    *,
    rule: ListRule | None = None,
    known_on: date | None = None,
) -> tuple[CheckedProposal, ...]:
    """Check proposals for a list, in their order; none is dropped.

    Parameters
    ----------
    proposals : iterable of Proposal
    catalogue : Catalogue
    published_on : datetime.date
    decisions : iterable of str or Mention
        Codes that a recorded decision keeps on the list.
    profession : str
    rule : ListRule, optional
        Replay the rule of the list with other parameters.
    known_on : datetime.date, optional

    Returns
    -------
    tuple of CheckedProposal

    Examples
    --------
    >>> (one,) = check_proposals([Proposal(2, "Bobigny")], Catalogue.load(), date(2018, 1, 1))
    >>> one.status, one.code
    ('eligible', '93008')
    """
    kept = read_mentions(decisions, catalogue, published_on)
    found = (
        _checked(item, catalogue, published_on, kept, profession, rule, known_on)
        for item in proposals
    )
    return tuple(_marked(found))


def _marked(found: Iterable[CheckedProposal]) -> Iterator[CheckedProposal]:
    """Remark a mode that is none, and a line that repeats another."""
    lines: dict[tuple[str, ...], int] = {}
    for item in found:
        proposal, remarks = item.proposal, list(item.remarks)
        if proposal.mode and name_key(proposal.mode) not in map(name_key, MODES):
            remarks.append(f"mode « {proposal.mode} » inconnu : {', '.join(MODES)}")
        said = (item.code or proposal.place, proposal.specialty, proposal.mode)
        key = tuple(map(name_key, (*said, proposal.establishment)))
        first = lines.setdefault(key, proposal.line)
        if first != proposal.line and proposal.place:
            remarks.append(f"même proposition que la ligne {first}")
        yield replace(item, remarks=tuple(remarks))


def _place_of(
    text: str, day: date, catalogue: Catalogue, profession: str
) -> tuple[Place, tuple[str, ...]]:
    """The place of a proposal; what bore a code or a name that is gone is followed to the day."""
    try:
        return resolve(text, day, catalogue, profession), ()
    except UnknownPlace:
        past = [item for item in communes.ever(text) if item.period.start <= day]
        holders = communes.counterparts(past[-1], day) if past else ()
        if len(holders) != 1:
            raise
        (now,) = holders
        followed = (
            f"{past[-1].name} ({past[-1].code}) est devenue une partie de {now.name} "
            f"({now.code}) : la réponse est celle de cette partie"
        )
        return Place(now.kind, now.code, now.name, past[-1].elits, holders), (followed,)


def _checked(
    proposal: Proposal,
    catalogue: Catalogue,
    day: date,
    kept: Named,
    profession: str,
    rule: ListRule | None,
    known_on: date | None,
) -> CheckedProposal:
    if not proposal.place:
        return CheckedProposal(proposal, UNDETERMINED, "La proposition n'a pas de lieu.")
    try:
        place, followed = _place_of(proposal.place, day, catalogue, profession)
    except CespGeoError as error:
        return CheckedProposal(proposal, UNDETERMINED, str(error))
    verdict = check_site(
        place,
        on=day,
        profession=profession,
        list_published_on=day,
        known_on=known_on,
        catalogue=catalogue,
        replay=rule,
    )
    status, reason = verdict.verdict, verdict.reason_code
    subunit = next((focus.subunit for focus in place.foci), "")
    if status == MAY_BE_MAINTAINED and kept.among(place.elits, subunit) == {*place.elits}:
        status, reason = MAINTAINED, "kept_on_list"
    home = place.communes[0]
    return CheckedProposal(
        proposal,
        status,
        REASON_WORDS[reason] if status != NOT_ELIGIBLE else verdict.explanation,
        home.region,
        home.departement,
        place.unit_code,
        place.unit_name,
        verdict.zone_class or "",
        verdict.zoning_id or "",
        verdict.last_eligible_day,
        verdict.maintainable_until,
        followed,
    )
