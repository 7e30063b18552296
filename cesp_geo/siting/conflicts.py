"""Projects that compete in a zone: seniority, ties, posts still open.

Rule: several installations in one zone stay possible case by case with the installation
referent; if they cannot all take place, priority goes to the project that has been in the zone
the longest (leaflet of the ARS Bretagne). A tie is never broken: the referent decides. For one
and the same place under contracts before 2020-03-20, the DG ARS decides on the professional
projects (décret 2010-735, art. 7-1).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cesp_geo.dates import add_months, french_day
from cesp_geo.law import parameter
from cesp_geo.law.parameters import Dated
from cesp_geo.siting.project import Project
from cesp_geo.siting.same_place import named, recall, same_places, under_old_contracts
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
        ``first`` (may settle), ``tied`` (the cut falls among equals), ``after``, ``open``
        (nobody is excluded), ``authority`` (for one and the same place under an old contract, the
        DG ARS decides) or ``unknown`` (an undetermined project may change it).
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
        Sets of projects at one and the same place, under contracts to which the national rule
        applies or whose day is not known.
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

    ``beyond`` are the projects planned after the horizon; ``unused`` what, in the decisions and
    capacities, has no effect or names nobody known.
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
    >>> from cesp_geo.siting.project import Proof
    >>> zone = Zone("commune", "50502", "Saint-Lô")
    >>> old, new = (
    ...     Project(line, name, "50502", specialty="généraliste", zone=zone,
    ...             seniority_on=date(year, 9, 1), proofs=(Proof(line, date(year, 9, 1)),))
    ...     for line, name, year in ((2, "S1", 2021), (3, "S2", 2022)))
    >>> (group,) = rank_projects([new, old], date(2023, 1, 1), [Capacity("50502", 1)]).groups
    >>> group.outcome, [item.project.signatory for item in group.standings]
    ('priority', ['S1', 'S2'])
    """
    every = tuple(projects)
    ranked, undetermined, beyond = _sorted(every, on, horizon_months)
    known = _Known(on, tuple(capacities), tuple(decisions))
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
        known.unused(members.keys(), groups, {item.signatory for item in every}),
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
        if limit is not None and item.planned_on is not None and item.planned_on > limit:
            beyond.append(item)
        elif isinstance(specialty, Unreadable):
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
        else:
            ranked.append((item, specialty))
    return ranked, undetermined, beyond


def _may_be(project: Project, specialty: str, on: date) -> bool:
    found = group_of(project.specialty, on)
    return isinstance(found, Unreadable) or found == specialty


@dataclass(frozen=True, slots=True)
class _Known:
    """What the referent says: posts still open, decisions."""

    on: date
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
        """The decisions made on a zone by the day asked, oldest first."""
        found = (
            item
            for item in self.decisions
            if item.zone_code == zone.code and item.decided_on <= self.on
        )
        return tuple(sorted(found, key=_by_day))

    def unused(
        self,
        members: Collection[tuple[Zone, str]],
        groups: Iterable[Group],
        signatories: Collection[str],
    ) -> tuple[str, ...]:
        """Say what has no effect, and which signatories of a decision are not known."""
        held = {(zone.code, specialty) for zone, specialty in members}
        codes = {code for code, _ in held}
        competing = {group.zone.code for group in groups}
        said = []
        for item in sorted(self.capacities, key=lambda item: (item.line, item.zone_code)):
            if item.zone_code not in codes:
                said.append(_NO_PROJECT.format("capacité", item.line, item.zone_code))
            elif item.specialty and (item.zone_code, item.specialty) not in held:
                said.append(
                    f"capacité, ligne {item.line} : aucun projet classé de {item.specialty} dans "
                    f"la zone « {item.zone_code} »"
                )
        for decision in sorted(self.decisions, key=_by_day):
            where = f"décision, ligne {decision.line}"
            if decision.decided_on > self.on:
                said.append(
                    f"{where} : du {french_day(decision.decided_on)}, après le jour demandé"
                )
            elif decision.zone_code not in codes:
                said.append(_NO_PROJECT.format("décision", decision.line, decision.zone_code))
            elif decision.zone_code not in competing:
                said.append(f"{where} : aucun conflit dans la zone « {decision.zone_code} »")
            if strangers := sorted(set(decision.signatories) - set(signatories)):
                said.append(f"{where} : sans projet ouvert ce jour-là : {', '.join(strangers)}")
        return tuple(said)


_NO_PROJECT = "{}, ligne {} : aucun projet classé dans la zone « {} »"


def _by_day(item: Decision) -> tuple[date, tuple[str, ...], str, int]:
    return item.decided_on, item.signatories, item.reason, item.line


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
    first = {day: place for place, day in reversed([*enumerate(days, 1)])}
    ranks = [first[day] for day in days]
    equals = Counter(ranks)
    outcome, places = _outcome(ranks, capacity)
    same_place = same_places(ordered)
    outcome, places = _without_seniority(outcome, places, ordered, same_place)
    notes = []
    if maybe and capacity and len(own) + len(maybe) > capacity:
        outcome, places = UNDETERMINED, ["unknown"] * len(ordered)
        names = named([f"{item.signatory} ({item.where})" for item in maybe])
        notes.append(
            f"un projet indéterminé pourrait compter dans cette zone : {names}. Levez ce doute "
            "d'abord"
        )
    standings = tuple(
        Standing(item, rank, place, _why(item, rank, equals[rank], place, capacity))
        for item, rank, place in zip(ordered, ranks, places, strict=True)
    )
    notes += [recall(items) for items in same_place]
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


def _without_seniority(
    outcome: str,
    places: list[str],
    ordered: Sequence[Project],
    same_place: Iterable[Sequence[Project]],
) -> tuple[str, list[str]]:
    """Leave to the DG ARS those of one place among whom the cut falls.

    The group is then ``case_by_case``: all is known, and an authority decides on the projects.
    """
    decided = list(places)
    for items in same_place:
        indices = [ordered.index(item) for item in items if under_old_contracts(item)]
        if len(indices) > 1 and {places[at] for at in indices} not in (
            {"first"}, {"after"}, {"open"}, set(),
        ):  # fmt: skip
            for at in indices:
                decided[at] = "authority"
    if decided == places:
        return outcome, places
    return (TIE if "tied" in decided else CASE_BY_CASE), decided


def _why(project: Project, rank: int, equals: int, place: str, capacity: int | None) -> str:
    assert project.seniority_on is not None
    number = len({item.day for item in project.proofs})
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
        "authority": "même lieu qu'un autre projet : le directeur général de l'ARS se prononce sur "
        "les projets professionnels, l'ancienneté n'en décide pas",
        "unknown": f"rang à confirmer pour {posts} : un projet indéterminé peut le changer",
    }
    return f"{text} ; {words[place]}"
