"""Projects that compete in a zone: seniority, ties, posts still open.

Rule: several installations in one zone stay possible case by case with the installation
referent; if they cannot all take place, priority goes to the project that has been in the zone
the longest (leaflet of the ARS Bretagne). A tie is never broken: the referent decides. For one
and the same place under contracts before 2020-03-20, the DG ARS decides on the professional
projects (décret 2010-735, art. 7-1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cesp_geo.dates import add_months, french_day
from cesp_geo.law import parameter, parameters
from cesp_geo.law.parameters import Dated
from cesp_geo.siting.projects import Project
from cesp_geo.siting.specialties import Unreadable, group_of
from cesp_geo.siting.zones import Zone

COMPATIBLE = "compatible"
CASE_BY_CASE = "case_by_case"
PRIORITY = "priority"
TIE = "tie"
UNDETERMINED = "undetermined"

OUTCOME_WORDS: Mapping[str, str] = {
    COMPATIBLE: "Compatibles",
    CASE_BY_CASE: "Au cas par cas",
    PRIORITY: "Priorité à l'ancienneté",
    TIE: "Égalité : le référent décide",
    UNDETERMINED: "Indéterminé",
}


@dataclass(frozen=True, slots=True)
class Capacity:
    """Posts still open in a zone, for a specialty group or (empty) for each of them."""

    zone_code: str
    posts: int
    specialty: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What the referent decided for a zone: recorded, shown, and never part of the ranking."""

    zone_code: str
    decided_on: date
    signatories: tuple[str, ...]
    reason: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A project in the ranking of its group.

    Attributes
    ----------
    project : Project
    rank : int
        1 for the longest in the zone; equal seniority, equal rank.
    place : str
        ``first`` (may settle), ``tied`` (the cut falls among equals), ``after`` or ``open``
        (nobody is excluded).
    why : str
        In French.
    """

    project: Project
    rank: int
    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """Projects of one specialty group in one zone.

    Attributes
    ----------
    zone : Zone
    specialty : str
    outcome : str
        ``compatible``, ``case_by_case``, ``priority``, ``tie`` or ``undetermined``.
    capacity : int or None
        Posts still open, None where it is not known.
    standings : tuple of Standing
        By seniority.
    maybe : tuple of Project
        Undetermined projects that may be in this zone.
    same_place : tuple of tuple of Project
        Sets of projects at one and the same place under contracts of before 2020-03-20 (or
        whose day is not known).
    decisions : tuple of Decision
    notes : tuple of str
    """

    zone: Zone
    specialty: str
    outcome: str
    capacity: int | None
    standings: tuple[Standing, ...]
    maybe: tuple[Project, ...] = ()
    same_place: tuple[tuple[Project, ...], ...] = ()
    decisions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every group, the projects alone in their zone, and those that cannot be ranked.

    ``beyond`` are the projects planned after the horizon; ``unused`` the decisions and
    capacities on zones where nothing competes.
    """

    on: date
    groups: tuple[Group, ...]
    alone: tuple[Project, ...]
    undetermined: tuple[Project, ...]
    beyond: tuple[Project, ...]
    unused: tuple[str, ...]
    law: tuple[Dated, ...]


def rank_projects(
    projects: Iterable[Project],
    on: date,
    capacities: Iterable[Capacity] = (),
    decisions: Iterable[Decision] = (),
    horizon_months: int | None = None,
) -> Ranking:
    """Rank the projects that compete, zone by zone and specialty by specialty.

    Parameters
    ----------
    projects : iterable of Project
        From :func:`~cesp_geo.siting.projects.projects_from_sheets`, which chose the level of
        the zones; their order changes nothing.
    on : datetime.date
    capacities : iterable of Capacity
    decisions : iterable of Decision
        Shown beside the ranking if dated at the latest ``on``; they never change it.
    horizon_months : int, optional
        Only projects planned within so many months compete.

    Returns
    -------
    Ranking
        Groups by zone and specialty; a group has at least two projects, or more projects
        than posts.

    Examples
    --------
    >>> from cesp_geo.siting.projects import Proof
    >>> zone = Zone("commune", "50502", "Saint-Lô")
    >>> old, new = (
    ...     Project(line, name, "50502", specialty="généraliste", zone=zone,
    ...             seniority_on=date(year, 9, 1), proofs=(Proof(line, date(year, 9, 1)),))
    ...     for line, name, year in ((2, "S1", 2021), (3, "S2", 2022)))
    >>> (group,) = rank_projects([new, old], date(2023, 1, 1), [Capacity("50502", 1)]).groups
    >>> group.outcome, [item.project.signatory for item in group.standings]
    ('priority', ['S1', 'S2'])
    """
    ranked, undetermined, beyond = _sorted(projects, on, horizon_months)
    known = _Known(tuple(capacities), tuple(item for item in decisions if item.decided_on <= on))
    members: dict[tuple[Zone, str], list[Project]] = {}
    for item, specialty in ranked:
        assert item.zone is not None
        members.setdefault((item.zone, specialty), []).append(item)
    maybe: dict[Zone, list[Project]] = {}
    for item in undetermined:
        for zone in item.possible_zones:
            maybe.setdefault(zone, []).append(item)
    groups, alone = [], []
    for (zone, specialty), own in sorted(members.items(), key=lambda item: item[0]):
        capacity = known.capacity(zone, specialty)
        possible = [item for item in maybe.get(zone, ()) if _may_be(item, specialty, on)]
        if len(own) + len(possible) > 1 or (capacity is not None and capacity < len(own)):
            groups.append(_group(zone, specialty, own, possible, capacity, known))
        else:
            alone += own
    return Ranking(
        on,
        tuple(groups),
        tuple(sorted(alone, key=_by_id)),
        tuple(sorted(undetermined, key=_by_id)),
        tuple(sorted(beyond, key=_by_id)),
        known.unused({zone for zone, _ in members}),
        tuple(item for item in (parameter("engagement", "conflit.anciennete", on),) if item),
    )


def _by_id(project: Project) -> tuple[str, int]:
    return project.signatory, project.line


def _sorted(
    projects: Iterable[Project], on: date, horizon_months: int | None
) -> tuple[list[tuple[Project, str]], list[Project], list[Project]]:
    """Part the projects: those that can be ranked with their group, unknown ones, later ones."""
    ranked: list[tuple[Project, str]] = []
    undetermined: list[Project] = []
    beyond: list[Project] = []
    limit = None if horizon_months is None else add_months(on, horizon_months)
    for item in projects:
        if item.problem or item.zone is None or item.seniority_on is None:
            problem = item.problem or "la zone ou l'ancienneté du projet n'est pas connue"
            undetermined.append(replace(item, problem=problem))
            continue
        specialty = group_of(item.specialty, on)
        if isinstance(specialty, Unreadable):
            undetermined.append(
                replace(item, problem=specialty.reason, possible_zones=(item.zone,))
            )
        elif limit is not None and item.planned_on is None:
            undetermined.append(
                replace(
                    item,
                    problem="le jour d'installation prévu manque : l'horizon ne peut être appliqué",
                    possible_zones=(item.zone,),
                )
            )
        elif limit is not None and item.planned_on is not None and item.planned_on > limit:
            beyond.append(item)
        else:
            ranked.append((item, specialty))
    return ranked, undetermined, beyond


def _may_be(project: Project, specialty: str, on: date) -> bool:
    found = group_of(project.specialty, on)
    return isinstance(found, Unreadable) or found == specialty


@dataclass(frozen=True, slots=True)
class _Known:
    """What the referent says: posts still open, decisions."""

    capacities: tuple[Capacity, ...]
    decisions: tuple[Decision, ...]

    def capacity(self, zone: Zone, specialty: str) -> int | None:
        """Posts for that specialty, else those given for each specialty of the zone."""
        of_zone = [item for item in self.capacities if item.zone_code == zone.code]
        for name in (specialty, ""):
            found = [item.posts for item in of_zone if item.specialty == name]
            if found:
                return min(found)
        return None

    def of_zone(self, zone: Zone) -> tuple[Decision, ...]:
        """The decisions on a zone, oldest first."""
        found = [item for item in self.decisions if item.zone_code == zone.code]
        return tuple(sorted(found, key=lambda item: (item.decided_on, item.signatories)))

    def unused(self, zones: set[Zone]) -> tuple[str, ...]:
        """Say which lines concern no zone that has a project."""
        codes = {zone.code for zone in zones}
        said = [("capacité", item.line, item.zone_code) for item in self.capacities]
        said += [("décision", item.line, item.zone_code) for item in self.decisions]
        return tuple(
            f"{what}, ligne {line} : aucun projet dans la zone « {code} »"
            for what, line, code in said
            if code not in codes
        )


def _group(
    zone: Zone,
    specialty: str,
    own: Sequence[Project],
    maybe: Sequence[Project],
    capacity: int | None,
    known: _Known,
) -> Group:
    ordered = sorted(own, key=lambda item: (item.seniority_on or date.max, item.signatory))
    days = [item.seniority_on for item in ordered]
    ranks = [days.index(day) + 1 for day in days]
    outcome, places = _outcome(ranks, capacity)
    notes = []
    if maybe and capacity is not None and len(own) + len(maybe) > capacity:
        outcome, places = UNDETERMINED, ["open"] * len(ordered)
        names = ", ".join(f"{item.signatory} (ligne {item.line})" for item in maybe)
        notes.append(
            f"un projet indéterminé pourrait compter dans cette zone : {names}. Levez ce doute "
            "d'abord"
        )
    standings = tuple(
        Standing(item, rank, place, _why(item, rank, ranks.count(rank), place, capacity))
        for item, rank, place in zip(ordered, ranks, places, strict=True)
    )
    same_place = _same_place(ordered)
    notes += [_recall(items) for items in same_place]
    return Group(
        zone,
        specialty,
        outcome,
        capacity,
        standings,
        tuple(sorted(maybe, key=_by_id)),
        same_place,
        known.of_zone(zone),
        tuple(notes),
    )


def _outcome(ranks: Sequence[int], capacity: int | None) -> tuple[str, list[str]]:
    """The outcome, and where each rank stands; ``ranks`` are in order."""
    size = len(ranks)
    if capacity is None:
        return CASE_BY_CASE, ["open"] * size
    if capacity >= size:
        return COMPATIBLE, ["first"] * size
    if capacity > 0 and ranks[capacity - 1] == ranks[capacity]:
        cut = ranks[capacity]
        words = ["first" if rank < cut else "tied" if rank == cut else "after" for rank in ranks]
        return TIE, words
    return PRIORITY, ["first"] * capacity + ["after"] * (size - capacity)


def _why(project: Project, rank: int, equals: int, place: str, capacity: int | None) -> str:
    assert project.seniority_on is not None
    number = len(project.proofs)
    proofs = f"{number} fiche{'s' if number > 1 else ''} sans interruption"
    text = f"dans la zone depuis le {french_day(project.seniority_on)} ({proofs}), rang {rank}"
    if equals > 1:
        text += f" avec {equals - 1} autre{'s' if equals > 2 else ''} de même ancienneté"
    if place == "open":
        return f"{text} ; nul n'est écarté"
    posts = f"{capacity} poste{'s' if (capacity or 0) > 1 else ''}"
    words = {
        "first": f"dans la limite de {posts}",
        "tied": f"à égalité pour le dernier de {posts} : le référent décide",
        "after": f"au-delà de {posts}",
    }
    return f"{text} ; {words[place]}"


def _same_place(projects: Sequence[Project]) -> tuple[tuple[Project, ...], ...]:
    by_place: dict[str, list[Project]] = {}
    for item in projects:
        signed = item.contract_signed_on
        if signed is None or parameter("engagement", "conflit.meme_lieu.delai_mois", signed):
            by_place.setdefault(item.place_key, []).append(item)
    return tuple(tuple(items) for _, items in sorted(by_place.items()) if len(items) > 1)


def _recall(projects: Sequence[Project]) -> str:
    """Recall the national rule for one and the same place, with its first day if known."""
    names = ", ".join(item.signatory for item in projects)
    applied = [item.applied_on for item in projects if item.applied_on]
    rule = parameters("engagement")["conflit.meme_lieu.delai_mois"].values[-1]
    assert isinstance(rule.until, date)
    signed = all(item.contract_signed_on for item in projects)
    until = f", si les contrats datent d'avant le {french_day(rule.until)}"
    text = (
        f"même lieu ({names}){'' if signed else until} : le directeur général de l'ARS se prononce "
        f"sur les projets professionnels dans les {rule.value} mois de la première lettre de "
        f"demande ({rule.reference})"
    )
    if not applied:
        return f"{text} ; le jour de cette lettre manque (demande_le)"
    first = min(applied)
    return f"{text}, soit au plus tard le {french_day(add_months(first, rule.value))}"
