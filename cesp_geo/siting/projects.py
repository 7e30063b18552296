"""From yearly follow-up sheets to projects: place, zone, seniority, and the sheets that prove it.

Two rules, two runs of sheets. Seniority runs from the first sheet that places the project in the
zone, through an unbroken run (leaflet of the ARS Bretagne): it follows the place, read on the
sheet's day, and its zone is that of the day asked. A zone lost after a stable project (décrets
2010-735 and 2013-735, then art. R. 631-24-15) looks at the zone that the zoning of each sheet's
day designated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise

from cesp_geo import communes
from cesp_geo.dates import add_months, french_day
from cesp_geo.errors import CespGeoError
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.project import Project, Proof, project_of
from cesp_geo.siting.sheets import (
    IN_PROGRESS,
    Sheet,
    contracts_differ,
    in_order,
    same_day_contradiction,
)
from cesp_geo.siting.specialties import group_of
from cesp_geo.siting.zones import Unzoned, Zone, zone_of
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.track import Focus

LONGEST_GAP_MONTHS = 18


def projects_from_sheets(
    sheets: Iterable[Sheet],
    on: date,
    catalogue: Catalogue | None = None,
    *,
    zone_level: str = "auto",
    profession: str = "medecin",
    known_on: date | None = None,
    longest_gap_months: int = LONGEST_GAP_MONTHS,
    unchanged_until: date | None = None,
) -> tuple[Project, ...]:
    """Give the open project of each signatory on a day.

    Parameters
    ----------
    sheets : iterable of Sheet
        In any order; the order changes nothing.
    on : datetime.date
        Sheets of later days are left out, and said so.
    catalogue : Catalogue, optional
    zone_level : str
        ``auto``, ``commune``, ``tvs``, ``qpv`` or ``departement``.
    profession : str
    known_on : datetime.date, optional
    longest_gap_months : int
        A longer time between two sheets is flagged; it does not break the run.
    unchanged_until : datetime.date, optional
        Also give ``unchanged_since``, with the zonings as they stood at the latest that day.

    Returns
    -------
    tuple of Project
        By signatory; settled and withdrawn projects are no longer open and are left out. A
        project that cannot be placed has a ``problem``; none is dropped.

    Examples
    --------
    >>> sheets = [Sheet(2, "S1", date(2012, 9, 1), "Bobigny"),
    ...           Sheet(3, "S1", date(2013, 9, 1), "93008")]
    >>> (project,) = projects_from_sheets(sheets, date(2014, 1, 1), zone_level="commune")
    >>> project.zone.name, project.seniority_on.isoformat()
    ('Bobigny', '2012-09-01')
    """
    from cesp_geo.siting.check import default_catalogue

    reader = _Reader(
        catalogue or default_catalogue(), on, zone_level, profession, known_on,
        longest_gap_months, unchanged_until,
    )  # fmt: skip
    by_signatory: dict[str, list[Sheet]] = {}
    for sheet in sheets:
        by_signatory.setdefault(sheet.signatory, []).append(sheet)
    found = (reader.project(by_signatory[key]) for key in sorted(by_signatory))
    return tuple(item for item in found if item is not None)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a sheet puts its project: the parts, and what is asked about inside them."""

    elits: tuple[int, ...]
    foci: tuple[Focus, ...]
    key: str
    point: tuple[float, float] | None


class _Reader:
    """Reads the sheets of one signatory after another, for one day and one level of zones."""

    def __init__(
        self,
        catalogue: Catalogue,
        on: date,
        level: str,
        profession: str,
        known_on: date | None,
        longest_gap_months: int,
        unchanged_until: date | None,
    ) -> None:
        self.catalogue = catalogue
        self.on = on
        self.level = level
        self.profession = profession
        self.known_on = known_on
        self.longest_gap_months = longest_gap_months
        self.unchanged_until = unchanged_until
        self._placed: dict[tuple[str, str, date], _Placed | str] = {}

    def project(self, sheets: Sequence[Sheet]) -> Project | None:
        """Give the open project, or None where it is settled or withdrawn."""
        ordered = in_order(sheets)
        past = [item for item in ordered if item.sheet_on is None or item.sheet_on <= self.on]
        later = len(ordered) - len(past)
        flags = (_later(later, self.on),) if later else ()
        if not past:
            problem = f"aucune fiche au plus tard le {french_day(self.on)}"
            return replace(project_of(ordered[-1]), problem=problem)
        doubtful = [item for item in past if item.problem or item.sheet_on is None]
        sound = [item for item in past if item not in doubtful]
        latest = [item for item in sound if item.sheet_on == sound[-1].sheet_on]
        if doubtful:
            wrong = next((item for item in doubtful if item.problem), doubtful[0])
            problem = wrong.problem or "la fiche n'a pas de jour (date_fiche)"
            return self._undetermined(wrong, problem, flags, [*doubtful, *latest])
        contradiction = self._contradiction(latest)
        if problem := contracts_differ(past) or contradiction:
            found = self._undetermined(_agreed(latest), problem, flags, latest)
            return replace(found, readings=self._readings(latest)) if contradiction else found
        if latest[0].status != IN_PROGRESS:
            return None
        if reopened := [item for item in past if item.status != IN_PROGRESS]:
            day = reopened[-1].sheet_on
            assert day is not None
            flags = (*flags, f"projet rouvert après une fiche close du {french_day(day)}")
        return self._open(past, latest[0], flags)

    def _open(self, past: Sequence[Sheet], last: Sheet, flags: tuple[str, ...]) -> Project:
        placed = self._place(last)
        if isinstance(placed, str):
            found = self._undetermined(last, placed, flags, [last])
            readings = self._readings([last])
            return replace(found, readings=readings) if len(readings) > 1 else found
        zone = self._zone(placed, self.on, self.level)
        if isinstance(zone, Unzoned):
            return self._undetermined(last, zone.reason + zone.choice, flags, [last])
        run = self._run(past, zone)
        if isinstance(run, str):
            return self._undetermined(last, run, flags, [last])
        days = [day for day, _ in groupby(item.sheet_on for item in run) if day]
        gaps = tuple(
            f"plus de {self.longest_gap_months} mois entre les fiches du {french_day(one)} et du "
            f"{french_day(two)} : à vérifier"
            for one, two in pairwise(days)
            if add_months(one, self.longest_gap_months) < two
        )
        if add_months(days[-1], self.longest_gap_months) < self.on:
            gaps += (f"aucune fiche depuis le {french_day(days[-1])} : à vérifier",)
        unchanged = self._unchanged(past) if self.unchanged_until else None
        signed = next((item.contract_signed_on for item in past if item.contract_signed_on), None)
        return replace(
            project_of(last),
            contract_signed_on=signed,
            applied_on=self._first_letter(run, placed),
            seniority_on=days[0],
            unchanged_since=unchanged if isinstance(unchanged, date) else None,
            unchanged_doubt=unchanged if isinstance(unchanged, str) else "",
            place_key=placed.key,
            point=placed.point,
            zone=zone,
            proofs=tuple(Proof(item.line, item.sheet_on or self.on, item.where) for item in run),
            flags=(*flags, *gaps),
        )

    def _run(self, past: Sequence[Sheet], zone: Zone) -> list[Sheet] | str:
        """The unbroken run of sheets in a zone, up to the last; or why it cannot be told."""
        run: list[Sheet] = []
        for day, found in groupby(reversed(past), key=lambda item: item.sheet_on):
            assert day is not None
            same_day = list(found)[::-1]
            inside = set()
            for sheet in same_day:
                placed = self._place(sheet)
                there = (
                    Unzoned(placed)
                    if isinstance(placed, str)
                    else self._zone(placed, self.on, self.level)
                )
                if isinstance(there, Unzoned) and (not there.possible or zone in there.possible):
                    return (
                        f"fiche du {french_day(day)} ({sheet.where}) : {there.reason}{there.choice}"
                    )
                inside.add(there == zone and sheet.status == IN_PROGRESS)
            if len(inside) > 1:
                return same_day_contradiction(same_day)
            if not inside.pop():
                break
            run[:0] = same_day
        return run

    def _unchanged(self, past: Sequence[Sheet]) -> date | str:
        """First day of the run of sheets whose zone, on their own day, stays the same."""
        assert self.unchanged_until is not None
        since, zone = self.on, None
        for sheet in reversed(past):
            assert sheet.sheet_on is not None
            placed = self._place(sheet)
            day = min(sheet.sheet_on, self.unchanged_until)
            there = Unzoned(placed) if isinstance(placed, str) else self._zone(placed, day, "auto")
            if isinstance(there, Unzoned):
                return (
                    f"zone du projet le {french_day(day)} : {there.reason} Depuis quand elle n'a "
                    "pas changé n'est donc pas connu."
                )
            now = there.level, there.code
            if sheet.status != IN_PROGRESS or (zone is not None and now != zone):
                break
            since, zone = sheet.sheet_on, now
        return since

    def _first_letter(self, run: Sequence[Sheet], place: _Placed) -> date | None:
        """The first letter among the last sheets of a run that are all at one place."""
        letters = []
        for sheet in reversed(run):
            if self._place(sheet) != place:
                break
            if sheet.applied_on:
                letters.append(sheet.applied_on)
        return min(letters, default=None)

    def _contradiction(self, same_day: Sequence[Sheet]) -> str:
        """Why sheets of one day are not one sheet; the same thing may be written in two ways."""
        said = {
            (
                self._place(item), group_of(item.specialty, self.on), item.status, item.mode,
                item.planned_on, item.contract_signed_on, item.applied_on,
            )
            for item in same_day
        }  # fmt: skip
        return same_day_contradiction(same_day) if len(said) > 1 else ""

    def _readings(self, sheets: Sequence[Sheet]) -> tuple[str, ...]:
        """The texts of these sheets that give a place, and the commune where it contradicts it."""
        texts = {
            text
            for item in sheets
            for text in (
                (item.place, item.commune) if isinstance(self._place(item), str) else (item.place,)
            )
            if not isinstance(self._place(replace(item, place=text, commune="")), str)
        }
        return tuple(sorted(texts))

    def _zone(self, placed: _Placed, day: date, level: str) -> Zone | Unzoned:
        return zone_of(
            placed.elits,
            placed.foci,
            day,
            level,
            self.catalogue,
            self.profession,
            self.known_on,
        )

    def _place(self, sheet: Sheet) -> _Placed | str:
        """Read the place of a sheet on its day; a text where it cannot be."""
        key = sheet.place.strip(), sheet.commune.strip(), sheet.sheet_on or self.on
        if (found := self._placed.get(key)) is None:
            found = self._placed[key] = self._read(*key)
        return found

    def _read(self, text: str, beside: str, day: date) -> _Placed | str:
        if not text:
            return "la fiche n'a pas de lieu"
        try:
            place = resolve(text, day, self.catalogue, self.profession)
            commune = communes.find(beside, day) if beside else None
        except CespGeoError as error:
            return str(error) + _lost_zero(text, day)
        if commune and set(commune.elits).isdisjoint(place.elits):
            return (
                f"la commune « {beside} » et le lieu « {text} » ({place.communes[0].name}) ne "
                "concordent pas : corrigez l'un ou l'autre."
            )
        point = (place.lon, place.lat) if place.lon is not None and place.lat is not None else None
        return _Placed(place.elits, place.foci, self._key(place), point)

    def _key(self, place: Place) -> str:
        if place.foci[0].subunit:
            return place.unit_code
        if not place.is_point and place.unit_type == "arrondissement_municipal":
            return place.unit_code
        now = communes.commune_on(place.elits[0], self.on)
        return now.code if now else place.unit_code

    def _undetermined(
        self, sheet: Sheet, problem: str, flags: tuple[str, ...], places: Sequence[Sheet]
    ) -> Project:
        """A project that cannot be ranked; it may be wherever one of those sheets puts it."""
        found: set[Zone] = set()
        candidates = [
            replace(item, place=text, commune="")
            for item in places
            if item.status == IN_PROGRESS
            for text in filter(None, (item.place, item.commune))
        ]
        for item in candidates:
            if not isinstance(placed := self._place(item), str):
                zone = self._zone(placed, self.on, self.level)
                found.update([zone] if isinstance(zone, Zone) else zone.possible)
        possible = tuple(sorted(found))
        return replace(project_of(sheet), problem=problem, flags=flags, possible_zones=possible)


def _lost_zero(text: str, day: date) -> str:
    """Suggest the INSEE code that a spreadsheet robbed of its first zero."""
    if len(text) != 4 or not text.isalnum():
        return ""
    found = communes.by_code(f"0{text.upper()}", day)
    return f" Vouliez-vous dire {found.code} ({found.name}) ?" if found else ""


def _agreed(same_day: Sequence[Sheet]) -> Sheet:
    """The first of the sheets of a day, without what another one contradicts."""
    first, *others = same_day
    return replace(
        first,
        planned_on=first.planned_on
        if all(item.planned_on == first.planned_on for item in others)
        else None,
        specialty=first.specialty
        if all(item.specialty == first.specialty for item in others)
        else "",
    )


def _later(number: int, on: date) -> str:
    word = "fiche, postérieure" if number == 1 else "fiches, postérieures"
    return f"{number} {word} au {french_day(on)} : non comptée{'s' if number > 1 else ''}"
