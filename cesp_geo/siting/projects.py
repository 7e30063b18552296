"""From yearly follow-up sheets to projects: place, zone, seniority, and the sheets that prove it.

Rules: seniority runs from the first sheet that places the project in the zone, through an
unbroken run of sheets (leaflet of the ARS Bretagne); a zone lost after a stable project
(décrets 2010-735 and 2013-735, then art. R. 631-24-15) counts the same run. "In the zone"
follows the place: it is read on the sheet's day, and its zone is that of the day asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise

from cesp_geo import communes
from cesp_geo.dates import add_months, french_day
from cesp_geo.errors import CespGeoError
from cesp_geo.siting.place import Place, resolve
from cesp_geo.siting.zones import Unzoned, Zone, zone_of
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.track import Focus

IN_PROGRESS, SETTLED, WITHDRAWN = "en_cours", "installe", "retire"
LONGEST_GAP_MONTHS = 18


@dataclass(frozen=True, slots=True)
class Sheet:
    """One follow-up sheet; a signatory is an id, never a name.

    Attributes
    ----------
    line : int
        Its line in the table it comes from.
    signatory : str
    sheet_on : datetime.date or None
    place : str
        LIEU as the sheet writes it.
    specialty, mode : str
    planned_on : datetime.date or None
        Planned day of installation.
    status : str
        ``en_cours``, ``installe`` or ``retire``.
    contract_signed_on, applied_on : datetime.date or None
    problem : str
        What could not be read, in French; the sheet then makes its project undetermined.
    origin : str
        Where it comes from, in French, if more than a line of the only table.
    """

    line: int
    signatory: str
    sheet_on: date | None
    place: str
    specialty: str = ""
    mode: str = ""
    planned_on: date | None = None
    status: str = IN_PROGRESS
    contract_signed_on: date | None = None
    applied_on: date | None = None
    problem: str = ""
    origin: str = ""

    @property
    def where(self) -> str:
        """Where it comes from, in French."""
        return self.origin or f"ligne {self.line}"


@dataclass(frozen=True, slots=True)
class Project:
    """The open project of a signatory on a day.

    Attributes
    ----------
    line : int
        Line of its last sheet.
    signatory, place : str
    planned_on : datetime.date or None
    specialty : str or None
    contract_signed_on : datetime.date or None
    stable_since : datetime.date or None
        First day of the unbroken run of sheets in the same zone (the zone lost after a stable
        project); with one level of zone for both rules, it is the seniority.
    applied_on : datetime.date or None
        First day known of the application.
    mode : str
    place_key : str
        Code of the commune or quarter of the place on the day asked: what "the same place"
        means.
    zone : Zone or None
    proofs : tuple of (int, datetime.date)
        Line and day of each sheet of the run, oldest first.
    flags : tuple of str
        What to look at, in French; nothing in it changes the seniority.
    problem : str
        Why it is undetermined, in French.
    possible_zones : tuple of Zone
        The zones in which an undetermined project may be.
    """

    line: int
    signatory: str
    place: str
    planned_on: date | None = None
    specialty: str | None = None
    contract_signed_on: date | None = None
    stable_since: date | None = None
    applied_on: date | None = None
    mode: str = ""
    place_key: str = ""
    zone: Zone | None = None
    proofs: tuple[tuple[int, date], ...] = ()
    flags: tuple[str, ...] = ()
    problem: str = ""
    possible_zones: tuple[Zone, ...] = ()

    @property
    def seniority_on(self) -> date | None:
        """First day of the unbroken run of sheets in the zone."""
        return self.stable_since


def projects_from_sheets(
    sheets: Iterable[Sheet],
    on: date,
    catalogue: Catalogue | None = None,
    *,
    zone_level: str = "auto",
    profession: str = "medecin",
    known_on: date | None = None,
    longest_gap_months: int = LONGEST_GAP_MONTHS,
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
        catalogue or default_catalogue(), on, zone_level, profession, known_on, longest_gap_months
    )
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
    ) -> None:
        self.catalogue = catalogue
        self.on = on
        self.level = level
        self.profession = profession
        self.known_on = known_on
        self.longest_gap_months = longest_gap_months
        self._placed: dict[tuple[str, date], _Placed | str] = {}

    def project(self, sheets: Sequence[Sheet]) -> Project | None:
        """Give the open project, or None where it is settled or withdrawn."""
        ordered = sorted(set(sheets), key=_order)
        past = [item for item in ordered if item.sheet_on is None or item.sheet_on <= self.on]
        later = len(ordered) - len(past)
        flags = (_later(later, self.on),) if later else ()
        if not past:
            return self._undetermined(
                ordered[-1], f"aucune fiche au plus tard le {french_day(self.on)}"
            )
        if wrong := next((item for item in past if item.problem), None):
            return self._undetermined(wrong, wrong.problem, flags, past)
        if undated := next((item for item in past if item.sheet_on is None), None):
            return self._undetermined(undated, "la fiche n'a pas de jour (date_fiche)", flags, past)
        latest = [item for item in past if item.sheet_on == past[-1].sheet_on]
        if contradiction := _contradiction(past, latest):
            return self._undetermined(latest[0], contradiction, flags, past)
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
            return self._undetermined(last, placed, flags, past)
        zone = self._zone(placed)
        if isinstance(zone, Unzoned):
            return self._undetermined(last, zone.reason, flags, past, zone.possible)
        run = self._run(past, zone)
        if isinstance(run, str):
            return self._undetermined(last, run, flags, past, (zone,))
        gaps = tuple(
            f"plus de {self.longest_gap_months} mois entre les fiches du {french_day(one)} et du "
            f"{french_day(two)} : à vérifier"
            for (_, one), (_, two) in pairwise(run)
            if add_months(one, self.longest_gap_months) < two
        )
        if add_months(run[-1][1], self.longest_gap_months) < self.on:
            gaps += (f"aucune fiche depuis le {french_day(run[-1][1])} : à vérifier",)
        return replace(
            self._bare(last, past),
            stable_since=run[0][1],
            place_key=placed.key,
            zone=zone,
            proofs=tuple(run),
            flags=(*flags, *gaps),
        )

    def _run(self, past: Sequence[Sheet], zone: Zone) -> list[tuple[int, date]] | str:
        """The unbroken run of sheets in a zone, up to the last; or why it cannot be told."""
        run: list[tuple[int, date]] = []
        for day, same_day in groupby(reversed(past), key=lambda item: item.sheet_on):
            assert day is not None
            here = []
            for sheet in same_day:
                placed = self._place(sheet)
                there = Unzoned(placed) if isinstance(placed, str) else self._zone(placed)
                if isinstance(there, Unzoned) and (not there.possible or zone in there.possible):
                    return f"fiche du {french_day(day)} (ligne {sheet.line}) : {there.reason}"
                here.append((sheet.line, there == zone and sheet.status == IN_PROGRESS))
            if len({inside for _, inside in here}) > 1:
                lines = ", ".join(str(line) for line, _ in sorted(here))
                return _SAME_DAY.format(lines=lines)
            if not here[0][1]:
                break
            run += [(line, day) for line, _ in here]
        return sorted(run, key=lambda item: (item[1], item[0]))

    def _zone(self, placed: _Placed) -> Zone | Unzoned:
        return zone_of(
            placed.elits,
            placed.foci,
            self.on,
            self.level,
            self.catalogue,
            self.profession,
            self.known_on,
        )

    def _place(self, sheet: Sheet) -> _Placed | str:
        """Read the place of a sheet on its day; a text where it cannot be."""
        assert sheet.sheet_on is not None
        key = sheet.place.strip(), sheet.sheet_on
        if (found := self._placed.get(key)) is None:
            found = self._placed[key] = self._read(*key)
        return found

    def _read(self, text: str, day: date) -> _Placed | str:
        if not text:
            return "la fiche n'a pas de lieu"
        try:
            place = resolve(text, day, self.catalogue, self.profession)
        except CespGeoError as error:
            return str(error)
        return _Placed(place.elits, place.foci, self._key(place))

    def _key(self, place: Place) -> str:
        if place.foci[0].subunit:
            return place.unit_code
        if not place.is_point and place.unit_type == "arrondissement_municipal":
            return place.unit_code
        now = communes.commune_on(place.elits[0], self.on)
        return now.code if now else place.unit_code

    def _bare(self, last: Sheet, past: Sequence[Sheet]) -> Project:
        applied = [item.applied_on for item in past if item.applied_on]
        contract = next((item.contract_signed_on for item in past if item.contract_signed_on), None)
        return replace(
            project_of(last), contract_signed_on=contract, applied_on=min(applied, default=None)
        )

    def _undetermined(
        self,
        sheet: Sheet,
        problem: str,
        flags: tuple[str, ...] = (),
        past: Sequence[Sheet] = (),
        possible: tuple[Zone, ...] = (),
    ) -> Project:
        bare = self._bare(sheet, past or (sheet,))
        return replace(bare, problem=problem, flags=flags, possible_zones=possible)


def _order(sheet: Sheet) -> tuple[date, str, str, int]:
    return sheet.sheet_on or date.min, sheet.place, sheet.status, sheet.line


_SAME_DAY = "des fiches du même jour se contredisent (lignes {lines}) : gardez celle qui vaut"


def _contradiction(past: Sequence[Sheet], latest: Sequence[Sheet]) -> str:
    contracts = sorted({item.contract_signed_on for item in past if item.contract_signed_on})
    if len(contracts) > 1:
        days = " et ".join(french_day(day) for day in contracts)
        return f"deux jours de contrat pour ce signataire : {days}"
    applied = [item.applied_on for item in past if item.applied_on]
    if contracts and applied and contracts[0] < max(applied):
        return (
            f"le contrat du {french_day(contracts[0])} précède la demande du "
            f"{french_day(max(applied))}"
        )
    said = {(item.place.strip().casefold(), item.status, item.specialty) for item in latest}
    if len(said) > 1:
        return _SAME_DAY.format(lines=", ".join(str(item.line) for item in latest))
    return ""


def project_of(sheet: Sheet) -> Project:
    """Make a project of one sheet alone, without a run: its seniority is not known."""
    return Project(
        line=sheet.line,
        signatory=sheet.signatory,
        place=sheet.place,
        planned_on=sheet.planned_on,
        specialty=sheet.specialty or None,
        contract_signed_on=sheet.contract_signed_on,
        applied_on=sheet.applied_on,
        mode=sheet.mode,
        problem=sheet.problem,
    )


def _later(number: int, on: date) -> str:
    word = "fiche, postérieure" if number == 1 else "fiches, postérieures"
    return f"{number} {word} au {french_day(on)} : non comptée{'s' if number > 1 else ''}"
