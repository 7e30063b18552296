"""Small tables of the managing authority and of the ARS: earlier lists, decisions, proposals."""

from pathlib import Path

from cesp_geo.errors import DateError, TableError
from cesp_geo.inputs.rows import Column, day_of, read_rows
from cesp_geo.siting.mentions import Mention
from cesp_geo.siting.proposals import MODES, Proposal

_CODE = Column(
    "code",
    "Code INSEE de la commune, ou code du QPV.",
    ("code lieu",),
    better=("code insee", "code commune", "insee"),
    required=True,
)
PREVIOUS_COLUMNS = (_CODE, Column("statut_code", "Statut, dans un tableau de lieux susceptibles."))
KEPT_COLUMNS = (
    _CODE,
    Column(
        "jour",
        "Jour de la décision de maintien.",
        ("date", "decide le", "date de decision"),
        is_day=True,
        required=True,
    ),
)
PROPOSAL_COLUMNS = (
    Column(
        "place",
        "Commune (code INSEE ou nom), code de QPV, ou latitude,longitude.",
        ("lieu", "lieu d exercice"),
        better=("code insee", "code commune"),
        vaguer=("commune", "code"),
        required=True,
    ),
    Column("specialite", "Spécialité proposée.", ("discipline",)),
    Column(
        "mode",
        "Mode d'exercice.",
        ("mode d exercice", "exercice"),
        choices=MODES,
    ),
    Column("postes", "Nombre de postes.", ("nombre de postes", "nb postes", "poste")),
    Column("etablissement", "Établissement, pour un exercice salarié.", ("structure",)),
)


def read_previous(path: Path) -> tuple[Mention, ...]:
    """Read the codes of an earlier list, whose day is not known.

    Raises
    ------
    TableError
        If it has no column of codes.
    """
    return tuple(
        Mention(row.cells["code"], None, row.line, path.name, row.cells.get("statut_code", ""))
        for row in read_rows(path, PREVIOUS_COLUMNS).rows
    )


def read_kept(path: Path) -> tuple[Mention, ...]:
    """Read the codes that recorded decisions keep on the list, with the day of each.

    Raises
    ------
    TableError
        If a column is missing or a decision has no day.
    """
    kept = []
    for row in read_rows(path, KEPT_COLUMNS).rows:
        try:
            day = day_of(row, "jour")
        except DateError as error:
            raise TableError(f"{path.name}, {error}") from None
        if day is None:
            raise TableError(f"{path.name}, ligne {row.line} : la décision n'a pas de jour.")
        kept.append(Mention(row.cells["code"], day, row.line, path.name))
    return tuple(kept)


def read_proposals(path: Path) -> tuple[Proposal, ...]:
    """Read what the ARS propose for the list.

    Raises
    ------
    TableError
        If the column of places is missing, or a number of posts is no number.
    """
    found = []
    for row in read_rows(path, PROPOSAL_COLUMNS).rows:
        posts = row.cells.get("postes", "")
        if posts and not (posts.isdecimal() and int(posts) <= 1000):
            raise TableError(
                f"{path.name}, ligne {row.line} : « {posts} » n'est pas un nombre de postes. "
                "Écrivez un nombre entier."
            )
        found.append(
            Proposal(
                line=row.line,
                place=row.cells["place"],
                specialty=row.cells.get("specialite", ""),
                mode=row.cells.get("mode", ""),
                posts=int(posts) if posts else None,
                establishment=row.cells.get("etablissement", ""),
            )
        )
    return tuple(found)
