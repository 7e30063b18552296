"""What the ARS propose for a national list, checked against the zonings.

The list is drawn up from the needs of the ARS (places, specialties, modes, posts); what no
zoning carries is set apart with its reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cesp_geo.errors import CespGeoError
from cesp_geo.siting.check import check_site
from cesp_geo.siting.eligibility import (
    ELIGIBLE,
    MAINTAINED,
    MAY_BE_MAINTAINED,
    NOT_ELIGIBLE,
    UNDETERMINED,
    ListRule,
)
from cesp_geo.siting.place import resolve
from cesp_geo.siting.words import REASON_WORDS
from cesp_geo.zonings.catalogue import Catalogue

DRAFT_TITLE = "Projet vérifié de liste nationale"


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

    @property
    def carried(self) -> bool:
        """Whether a zoning carries it: eligible, maintained, or it may be."""
        return self.status in (ELIGIBLE, MAINTAINED, MAY_BE_MAINTAINED)


def check_proposals(
    proposals: Iterable[Proposal],
    catalogue: Catalogue,
    published_on: date,
    decisions: Iterable[str] = (),
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
    decisions : iterable of str
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
    kept = frozenset(decisions)
    return tuple(
        _checked(item, catalogue, published_on, kept, profession, rule, known_on)
        for item in proposals
    )


def _checked(
    proposal: Proposal,
    catalogue: Catalogue,
    day: date,
    kept: frozenset[str],
    profession: str,
    rule: ListRule | None,
    known_on: date | None,
) -> CheckedProposal:
    if not proposal.place:
        return CheckedProposal(proposal, UNDETERMINED, "La proposition n'a pas de lieu.")
    try:
        place = resolve(proposal.place, day, catalogue, profession)
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
    if status == MAY_BE_MAINTAINED and place.unit_code in kept:
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
    )
