"""What the referent brings beside the sheets: posts still open, and decisions."""

import re
from datetime import date
from pathlib import Path

from cesp_geo.errors import DateError, TableError
from cesp_geo.inputs.rows import Column, day_of, read_rows
from cesp_geo.siting.conflicts import Capacity, Decision
from cesp_geo.siting.specialties import Unreadable, group_of

CAPACITY_COLUMNS = (
    Column(
        "zone",
        "Code de la zone : commune (INSEE), QPV, territoire de vie-santé ou département.",
        ("code zone", "code de la zone"),
        vaguer=("code", "tvs", "commune"),
        required=True,
    ),
    Column("specialite", "Spécialité ; vide : chacune des spécialités.", ("discipline",)),
    Column(
        "capacite",
        "Nombre de postes encore ouverts.",
        ("postes", "postes ouverts", "nombre de postes"),
        required=True,
    ),
)
DECISION_COLUMNS = (
    CAPACITY_COLUMNS[0],
    Column(
        "jour",
        "Jour de la décision.",
        ("date", "decide le", "date de decision"),
        is_day=True,
        required=True,
    ),
    Column(
        "signataires",
        "Identifiants de ceux qui peuvent s'installer, séparés par des points-virgules.",
        ("signataire", "qui", "peut s installer", "peuvent s installer"),
        required=True,
    ),
    Column("motif", "Pourquoi.", ("raison", "motivation"), required=True),
)


def read_capacities(path: Path) -> tuple[Capacity, ...]:
    """Read the posts still open.

    Raises
    ------
    TableError
        If a number of posts or a specialty cannot be read, or a zone is given twice.
    """
    found: dict[tuple[str, str], Capacity] = {}
    for row in read_rows(path, CAPACITY_COLUMNS).rows:
        where = f"{path.name}, {row.where}"
        posts = row.cells["capacite"]
        if not posts.isdecimal() or int(posts) > 10_000:
            raise TableError(f"{where} : « {posts} » n'est pas un nombre de postes.")
        specialty = row.cells.get("specialite", "")
        group = group_of(specialty, date.max) if specialty else ""
        if isinstance(group, Unreadable):
            raise TableError(f"{where} : {group.reason}")
        zone = row.cells["zone"]
        if not zone:
            raise TableError(f"{where} : la zone manque.")
        if (zone, group) in found:
            raise TableError(
                f"{where} : la zone {zone} est déjà donnée à la ligne {found[zone, group].line}."
            )
        found[zone, group] = Capacity(zone, int(posts), group, row.line)
    return tuple(found.values())


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """Read the referent's decisions.

    Raises
    ------
    TableError
        If one has no zone, no day or no reason.
    """
    found = []
    for row in read_rows(path, DECISION_COLUMNS).rows:
        where = f"{path.name}, {row.where}"
        try:
            day = day_of(row, "jour")
        except DateError as error:
            raise TableError(f"{path.name}, {error}") from None
        zone, reason = row.cells["zone"], row.cells["motif"]
        if day is None or not zone or not reason:
            raise TableError(f"{where} : une décision a une zone, un jour et un motif.")
        ids = tuple(filter(None, re.split(r"\s*[;,|\n]\s*", row.cells["signataires"])))
        if not ids:
            raise TableError(f"{where} : signataires est vide ; écrivez qui peut s'installer.")
        found.append(Decision(zone, day, ids, reason, row.line))
    return tuple(found)
