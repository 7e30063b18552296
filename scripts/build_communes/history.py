"""From the dated history and the yearly lists to élits, communes with lifetimes, and events.

An *atom* is a territory of the dated history that never changed by itself since 1943; every
commune of every day is a set of atoms. An *élit* is a class of atoms that always belonged to
one commune together since 2005.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sources import LISTS, Sources

START = "2005-01-01"
OPEN = "9999-12-31"
ARRONDISSEMENTS = {"75056": ("751", 20), "69123": ("6938", 9), "13055": ("132", 16)}
FORMER_GUADELOUPE = {"97123": "97701", "97127": "97801"}


@dataclass
class Record:
    """A commune under one code and name, with one territory, from one day to another."""

    code: str
    name: str
    start: str
    end: str
    atoms: frozenset[str]
    precision: str = "day"
    kind: str = "commune"
    parent: str | None = None
    elits: tuple[int, ...] = ()


@dataclass(frozen=True)
class Event:
    """One commune of before and one of after, with what happened between them."""

    day: str
    reason: str
    before: str
    after: str


@dataclass
class History:
    records: list[Record]
    arrondissements: list[Record]
    atoms_of_code: dict[str, frozenset[str]]
    elits: list[frozenset[str]] = field(default_factory=list)
    report: list[str] = field(default_factory=list)

    def on(self, day: str) -> dict[str, Record]:
        return {item.code: item for item in self.records if item.start <= day < item.end}


def build(sources: Sources) -> History:
    history = dated(sources.history())
    add_collectivities(history, sources)
    for year, known in yearly(sources):
        follow(history, year, known)
    split_arrondissements(history, sources)
    number_elits(history)
    return history


def dated(rows: list[dict[str, Any]]) -> History:
    """Read the dated history: who held what from 2005 to 2019-01-01."""
    by_id = {row["id"]: row for row in rows}
    known: dict[str, frozenset[str]] = {}

    def atoms(record_id: str) -> frozenset[str]:
        if record_id not in known:
            row = by_id[record_id]
            if "membres" in row:
                found = frozenset().union(*(atoms(member) for member in row["membres"]))
            elif "predecesseur" in row:
                found = atoms(row["predecesseur"])
            else:
                found = frozenset({record_id})
            known[record_id] = found
        return known[record_id]

    # What a polygon of commune déléguée or associée shows: the last territory that bore its
    # code as a part of another commune.
    atoms_of_code = {
        row["code"]: atoms(row["id"])
        for row in sorted(rows, key=lambda row: (row["type"] != "COM", row.get("dateDebut", "")))
    }
    records = []
    for row in rows:
        territory = atoms(row["id"])
        if row["type"] == "COM" and row.get("dateFin", OPEN) > START:
            records.append(
                Record(
                    row["code"],
                    row["nom"],
                    row.get("dateDebut", "1943-01-01"),
                    row.get("dateFin", OPEN),
                    territory,
                )
            )
    return History(records, [], atoms_of_code)


def add_collectivities(history: History, sources: Sources) -> None:
    """Saint-Pierre-et-Miquelon, Saint-Barthélemy, Saint-Martin, the Pacific: lists only."""
    for item in sources.list_of(2019):
        if "collectiviteOutremer" in item and item["type"] == "commune-actuelle":
            code = item["code"]
            atom = frozenset({f"COM-{code}"})
            start = "2007-07-15" if code in FORMER_GUADELOUPE.values() else "1943-01-01"
            precision = "day" if start > START else "year"
            history.records.append(Record(code, item["nom"], start, OPEN, atom, precision))
            history.atoms_of_code[code] = atom
    for former, code in FORMER_GUADELOUPE.items():
        if not any(record.code == former for record in history.records):
            new = next(record for record in history.records if record.code == code)
            history.records.append(Record(former, new.name, "1943-01-01", new.start, new.atoms))


def yearly(sources: Sources) -> Iterable[tuple[int, dict[str, dict[str, Any]]]]:
    """For each year after 2019: present communes by code, with where absorbed ones went."""
    wheel = sources.polygons(2020)
    delegated = {row.code: row.parent for row in wheel.itertuples() if row.type in ("COMD", "COMA")}
    # The table of 2020 drops the articles of names, has no overseas collectivity and does not
    # say which codes it replaces: all that comes from the list of 2021.
    later = sources.list_of(2021)
    codes = {row.code for row in wheel.itertuples() if row.type == "COM"}
    names = {row["code"]: row for row in later if row["type"] == "commune-actuelle"}
    present = {code: names.get(code, {"nom": ""}) for code in codes}
    present |= {code: row for code, row in names.items() if not in_departement(code)}
    yield 2020, {"present": present, "parent": delegated, "former": former_codes(later)}
    for year in list(LISTS)[1:]:
        rows = sources.list_of(year)
        present = {row["code"]: row for row in rows if row["type"] == "commune-actuelle"}
        parent = {row["code"]: row["chefLieu"] for row in rows if "chefLieu" in row}
        yield year, {"present": present, "parent": parent, "former": former_codes(rows)}


def former_codes(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Which present commune replaces each code of the past."""
    return {
        old: row["code"]
        for row in rows
        if row["type"] == "commune-actuelle"
        for old in row.get("anciensCodes", ())
    }


def follow(history: History, year: int, known: dict[str, Any]) -> None:
    """Derive what changed since the year before; changes are dated 1 January."""
    day = f"{year}-01-01"
    before = history.on(day)
    present, parent, former = known["present"], known["parent"], known["former"]
    gone = set(before) - set(present)
    born = set(present) - set(before)
    territory = {code: set(before[code].atoms) for code in present if code in before}
    for code in sorted(gone):
        heir = parent.get(code) or former.get(code)
        while heir is not None and heir not in present:
            heir = parent.get(heir) or former.get(heir)
        if heir is None:
            raise SystemExit(f"{day} : {code} {before[code].name} a disparu sans successeur connu.")
        territory.setdefault(heir, set()).update(before[code].atoms)
        history.atoms_of_code[code] = before[code].atoms
        if parent.get(heir) == heir and heir in before:
            history.atoms_of_code[heir] = before[heir].atoms
    for code in sorted(born):
        own = history.atoms_of_code.get(code)
        if code in territory:  # a new code that takes over others
            continue
        if own is None:
            raise SystemExit(f"{day} : {code} {present[code]['nom']} vient d'un lieu inconnu.")
        for other in territory.values():
            other -= own
        territory[code] = set(own)
    moved = []
    for code, heir in sorted(parent.items()):
        own = history.atoms_of_code.get(code, frozenset())
        if heir in territory and not own <= territory[heir]:
            moved.append(f"{code} -> {heir}")
            for other in territory.values():
                other -= own
            territory[heir] |= own
    for code, atoms in territory.items():
        old = before.get(code)
        name = present[code]["nom"] or (old.name if old else code)
        if year == 2020 and old and old.atoms == atoms:
            name = old.name
        if old and old.atoms == atoms and old.name == name:
            continue
        if not atoms:
            raise SystemExit(f"{day} : {code} {name} n'a plus de territoire.")
        if old:
            old.end = day
        history.records.append(Record(code, name, day, OPEN, frozenset(atoms), "year"))
    for code in gone:
        before[code].end = day
    history.report.append(
        f"{day} : {len(gone)} codes disparus, {len(born)} apparus ; parties passées à une autre "
        f"commune : {', '.join(moved) or 'aucune'}"
    )


def in_departement(code: str) -> bool:
    """Whether a code lies in a département (not in an overseas collectivity)."""
    return not code.startswith(("975", "977", "978", "98"))


def split_arrondissements(history: History, sources: Sources) -> None:
    """Cut Paris, Lyon and Marseille into their municipal arrondissements."""
    names = {
        row["code"]: row["nom"]
        for row in sources.list_of(2026)
        if row["type"] == "arrondissement-municipal"
    }
    for city, (_, count) in ARRONDISSEMENTS.items():
        parent = next(record for record in history.records if record.code == city)
        codes = sorted(code for code in names if _city(code) == city)
        assert len(codes) == count
        whole = parent.atoms
        for record in history.records:
            if record.atoms == whole:
                record.atoms = frozenset(codes)
        for code in codes:
            history.atoms_of_code[code] = frozenset({code})
            history.arrondissements.append(
                Record(
                    code,
                    names[code],
                    parent.start,
                    OPEN,
                    frozenset({code}),
                    kind="arrondissement_municipal",
                    parent=city,
                )
            )


def _city(arrondissement: str) -> str:
    return {"75": "75056", "69": "69123", "13": "13055"}[arrondissement[:2]]


def number_elits(history: History) -> None:
    """Group atoms that were always together since 2005, and number the groups."""
    signature: dict[str, list[int]] = defaultdict(list)
    records = [*history.records, *history.arrondissements]
    for index, record in enumerate(records):
        for atom in record.atoms:
            signature[atom].append(index)
    groups: dict[tuple[int, ...], set[str]] = defaultdict(set)
    for atom, held in signature.items():
        groups[tuple(held)].add(atom)
    history.elits = sorted((frozenset(group) for group in groups.values()), key=min)
    number = {atom: index for index, group in enumerate(history.elits, 1) for atom in group}
    for record in records:
        record.elits = tuple(sorted({number[atom] for atom in record.atoms}))


def events(history: History) -> list[Event]:
    """Give every change since 2005, with its reason, by comparing the days around it."""
    found = []
    days = sorted({record.start for record in history.records if record.start > START})
    for day in days:
        ended = [record for record in history.records if record.end == day]
        began = [record for record in history.records if record.start == day]
        holders = {elit: record for record in began for elit in record.elits}
        for old in ended:
            for new in {id(holders[elit]): holders[elit] for elit in old.elits}.values():
                found.append(Event(day, reason(old, new), old.code, new.code))
    return sorted(set(found), key=lambda item: (item.day, item.before, item.after))


def reason(old: Record, new: Record) -> str:
    before, after = set(old.elits), set(new.elits)
    if before == after:
        if old.code == new.code:
            return "changement de nom"
        moved = department(old.code) != department(new.code)
        return "transfert de département" if moved else "changement de code"
    if after < before:
        return "rétablissement"
    if new.start >= "2010-12-17":  # loi du 16/12/2010 : les fusions donnent des communes nouvelles
        return "création de commune nouvelle"
    return "fusion"


def department(code: str) -> str:
    return code[:3] if code.startswith(("97", "98")) else code[:2]
