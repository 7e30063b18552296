"""Follow-up sheets as an ARS keeps them: one row a sheet, an id and never a name."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from cesp_geo.communes.naming import name_key
from cesp_geo.errors import DateError, TableError
from cesp_geo.inputs.rows import Column, Row, day_of, read_rows
from cesp_geo.siting.sheets import IN_PROGRESS, SETTLED, WITHDRAWN, Sheet

MODES = ("libéral", "salarié", "mixte")
STATUSES: Mapping[str, str] = {
    "en cours": IN_PROGRESS,
    "installe": SETTLED,
    "installee": SETTLED,
    "retire": WITHDRAWN,
    "retiree": WITHDRAWN,
    "": IN_PROGRESS,
}

COLUMNS = (
    Column(
        "signataire",
        "Identifiant du signataire (jamais son nom).",
        ("id", "identifiant", "id signataire", "identifiant signataire", "numero", "dossier"),
        required=True,
    ),
    Column(
        "date_fiche",
        "Jour de la fiche de suivi.",
        ("date de la fiche", "fiche du", "date fiche de suivi", "date de suivi"),
        is_day=True,
    ),
    Column(
        "commune",
        "Commune du projet : code INSEE, ou nom (avec le département s'il se répète). Laissez "
        "vide si vous donnez lon et lat, ou qpv.",
        ("lieu", "code commune", "code insee", "insee", "commune du projet", "place",
         "lieu du projet", "lieu d installation"),
    ),
    Column("qpv", "Code du quartier prioritaire (QN… ou QP…).", ("code qpv", "quartier")),
    Column("lon", "Longitude en degrés décimaux (WGS 84).", ("longitude", "x")),
    Column("lat", "Latitude en degrés décimaux (WGS 84).", ("latitude", "y")),
    Column("specialite", "Spécialité du projet.", ("discipline",)),
    Column("mode", "Mode d'exercice.", ("mode d exercice", "exercice"), choices=MODES),
    Column(
        "installation_prevue",
        "Jour d'installation prévu.",
        ("date d installation", "installation", "installation prevue le",
         "date d installation prevue"),
        is_day=True,
    ),
    Column(
        "statut",
        "Où en est le projet. Vide vaut « en cours ».",
        ("etat", "etat du projet", "statut du projet"),
        choices=("en cours", "installé", "retiré"),
    ),
    Column(
        "contrat_signe_le",
        "Jour de signature du contrat.",
        ("date du contrat", "contrat", "signature", "date de signature", "contrat signe"),
        is_day=True,
    ),
    Column(
        "demande_le",
        "Jour de la première lettre de demande pour ce lieu.",
        ("date de demande", "demande", "date de la demande", "candidature"),
        is_day=True,
    ),
    Column("commentaire", "Libre ; n'est ni lu ni reproduit.", ("commentaires", "remarque")),
)  # fmt: skip


def read_sheets(path: Path, *, keep_names: bool = False) -> tuple[Sheet, ...]:
    """Read a table of follow-up sheets (csv, xlsx, GeoPackage).

    Parameters
    ----------
    path : pathlib.Path
    keep_names : bool
        Accept a column of names, which is neither read nor written.

    Returns
    -------
    tuple of Sheet
        A row that cannot be read is a sheet with a ``problem``.

    Raises
    ------
    UnsafeFile, TableError
        If the file is refused, has no column of ids, or a column of names.
    """
    rows = read_rows(path, COLUMNS, refuse_names=not keep_names)
    known = set(rows[0].cells)
    if not ({"commune", "qpv"} & known or {"lon", "lat"} <= known):
        raise TableError(f"{path.name} : il manque le lieu (commune, qpv, ou lon et lat).")
    return tuple(_sheet(row, path.name) for row in rows)


def _sheet(row: Row, where: str) -> Sheet:
    problems: list[str] = []
    cells = row.cells
    status = STATUSES.get(name_key(cells.get("statut", "").replace("_", " ")))
    if status is None:
        problems.append(
            f"ligne {row.line}, statut : « {cells['statut']} » est inconnu. Écrivez en cours, "
            "installé ou retiré."
        )
    signatory = cells["signataire"]
    if not signatory:
        problems.append(f"ligne {row.line} : la fiche n'a pas de signataire.")
    days = {
        key: _day(row, key, problems)
        for key in ("date_fiche", "installation_prevue", "contrat_signe_le", "demande_le")
    }
    return Sheet(
        line=row.line,
        signatory=signatory or f"ligne {row.line}",
        sheet_on=days["date_fiche"],
        place=_place(cells),
        specialty=cells.get("specialite", ""),
        mode=_mode(row, problems),
        planned_on=days["installation_prevue"],
        status=status or IN_PROGRESS,
        contract_signed_on=days["contrat_signe_le"],
        applied_on=days["demande_le"],
        problem=f"{where}, {problems[0]}" if problems else "",
    )


def _day(row: Row, key: str, problems: list[str]) -> date | None:
    try:
        return day_of(row, key)
    except DateError as error:
        problems.append(str(error))
        return None


def _mode(row: Row, problems: list[str]) -> str:
    text = row.cells.get("mode", "")
    known = {name_key(mode): mode for mode in (*MODES, "libérale", "salariée", "salariat")}
    found = known.get(name_key(text), "") if text else ""
    if text and not found:
        problems.append(
            f"ligne {row.line}, mode : « {text} » est inconnu. Écrivez libéral, salarié ou mixte."
        )
    return next((mode for mode in MODES if mode[:4] == found[:4]), "") if found else ""


def _place(cells: Mapping[str, str]) -> str:
    if cells.get("lon") and cells.get("lat"):
        return f"{cells['lat'].replace(',', '.')},{cells['lon'].replace(',', '.')}"
    return cells.get("qpv") or cells.get("commune", "")
