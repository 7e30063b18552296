"""Follow-up sheets as an ARS keeps them: one row a sheet, an id and never a name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from cesp_geo.communes.naming import name_key
from cesp_geo.errors import DateError, TableError
from cesp_geo.inputs.rows import Column, Row, day_of, read_rows
from cesp_geo.siting.sheets import IN_PROGRESS, SETTLED, WITHDRAWN, Sheet
from cesp_geo.siting.specialties import groups

MODES = ("libéral", "salarié", "mixte")
_MODE_WORDS: Mapping[str, str] = {
    "liberal": "libéral",
    "liberale": "libéral",
    "salarie": "salarié",
    "salariee": "salarié",
    "salariat": "salarié",
    "mixte": "mixte",
}
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
        ("n signataire", "no signataire", "numero signataire", "numero de signataire"),
        required=True,
        better=("identifiant signataire", "identifiant du signataire", "id signataire",
                "code signataire"),
        vaguer=("identifiant", "n dossier", "no dossier", "numero de dossier", "dossier", "id",
                "numero"),
    ),
    Column(
        "date_fiche",
        "Jour de la fiche de suivi.",
        ("date de la fiche", "date de fiche", "date de la fiche de suivi", "date fiche de suivi",
         "date de suivi", "fiche du"),
        is_day=True,
        required=True,
        vaguer=("date",),
    ),
    Column(
        "commune",
        "Commune du projet : code INSEE, ou nom (avec le département s'il se répète). À côté d'un "
        "point ou d'un quartier, elle doit concorder avec lui.",
        ("commune du projet", "commune d installation", "commune d exercice", "nom de la commune",
         "nom commune"),
        better=("code insee", "insee", "code commune", "code insee de la commune"),
        vaguer=("lieu d installation", "lieu d exercice", "lieu du projet", "lieu", "ville",
                "place"),
        need="oui, ou qpv, ou lon et lat",
    ),
    Column("qpv", "Code du quartier prioritaire (QN… ou QP…).", (), better=("code qpv",),
           vaguer=("quartier",), need="à défaut de commune"),
    Column("lon", "Longitude en degrés décimaux (WGS 84), avec lat.", ("longitude",),
           vaguer=("x",), need="à défaut de commune"),
    Column("lat", "Latitude en degrés décimaux (WGS 84), avec lon.", ("latitude",),
           vaguer=("y",), need="à défaut de commune"),
    Column(
        "specialite",
        "Spécialité du projet ; sans elle le projet n'est pas classé.",
        ("specialite envisagee", "specialite medicale", "specialite du projet"),
        choices=groups(),
        free=True,
        vaguer=("discipline", "spe"),
        need="oui, pour classer",
    ),
    Column("mode", "Mode d'exercice.", ("mode d exercice",), choices=MODES,
           vaguer=("exercice",)),
    Column(
        "installation_prevue",
        "Jour d'installation prévu.",
        ("installation prevue le", "date d installation prevue", "date prevue d installation",
         "date d installation envisagee"),
        is_day=True,
        vaguer=("date d installation", "installation"),
        need="avec --horizon",
    ),
    Column(
        "statut",
        "Où en est le projet. Vide vaut « en cours ».",
        ("statut du projet", "statut du dossier", "etat du projet", "etat du dossier",
         "avancement", "avancement du projet"),
        choices=("en cours", "installé", "retiré"),
        vaguer=("etat",),
    ),
    Column(
        "contrat_signe_le",
        "Jour de signature du contrat.",
        ("date de signature du contrat", "contrat signe", "date du contrat"),
        is_day=True,
        vaguer=("date de signature", "contrat", "signature"),
        need="pour un même lieu ou une zone perdue",
    ),
    Column(
        "demande_le",
        "Jour de la première lettre de demande pour ce lieu.",
        ("date de la demande", "date de demande", "date de premiere demande"),
        is_day=True,
        vaguer=("demande", "candidature"),
    ),
    Column("commentaire", "Libre ; n'est ni lu ni reproduit.", ("commentaires", "remarque",
                                                               "remarques", "observations")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetTable:
    """The sheets of a table, and what to know of its columns, in French."""

    sheets: tuple[Sheet, ...]
    remarks: tuple[str, ...] = ()


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Read the sheets of a table that has their days; see :func:`read_sheet_table`."""
    return read_sheet_table(path).sheets


def read_sheet_table(path: Path, *, keep_names: bool = False, dated: bool = True) -> SheetTable:
    """Read a table of follow-up sheets (csv, xlsx, GeoPackage).

    Parameters
    ----------
    path : pathlib.Path
    keep_names : bool
        Accept a column of names, which is neither read nor written.
    dated : bool
        Refuse a table without the days of the sheets.

    Returns
    -------
    SheetTable
        A row that cannot be read is a sheet with a ``problem``.

    Raises
    ------
    UnsafeFile, TableError
        If the file is refused, has no column of ids, or a column of names.
    """
    columns = [
        item if dated or item.name != "date_fiche" else replace(item, required=False)
        for item in COLUMNS
    ]
    table = read_rows(path, columns, refuse_names=not keep_names)
    known = set(table.rows[0].cells)
    if not ({"commune", "qpv"} & known or {"lon", "lat"} <= known):
        raise TableError(f"{path.name} : il manque le lieu (commune, qpv, ou lon et lat).")
    remarks = []
    if table.unread:
        remarks.append(f"{path.name} : colonnes non lues : {', '.join(table.unread)}")
    if table.unread_tabs:
        remarks.append(f"{path.name} : onglets non lus : {', '.join(table.unread_tabs)}")
    if "statut" not in known:
        remarks.append(f"{path.name} : sans colonne statut, chaque projet est tenu pour en cours")
    if "specialite" not in known:
        remarks.append(f"{path.name} : sans colonne specialite, aucun projet ne peut être classé")
    return SheetTable(tuple(_sheet(row, path.name) for row in table.rows), tuple(remarks))


def _sheet(row: Row, where: str) -> Sheet:
    problems: list[str] = []
    cells = row.cells
    status = STATUSES.get(name_key(cells.get("statut", "").replace("_", " ")))
    if status is None:
        problems.append(
            f"{row.where}, statut : « {cells['statut']} » est inconnu. Écrivez en cours, "
            "installé ou retiré."
        )
    signatory = cells["signataire"]
    if not signatory:
        problems.append(f"{row.where} : la fiche n'a pas de signataire.")
    days = {
        key: _day(row, key, problems)
        for key in ("date_fiche", "installation_prevue", "contrat_signe_le", "demande_le")
    }
    place, commune = _place(row, problems), cells.get("commune", "")
    return Sheet(
        line=row.line,
        signatory=signatory or row.where,
        sheet_on=days["date_fiche"],
        place=place,
        specialty=cells.get("specialite", ""),
        mode=_mode(row, problems),
        planned_on=days["installation_prevue"],
        status=status or IN_PROGRESS,
        contract_signed_on=days["contrat_signe_le"],
        applied_on=days["demande_le"],
        problem=f"{where}, {problems[0]}" if problems else "",
        commune=commune if commune != place else "",
        origin=row.where if row.tab else "",
    )


def _day(row: Row, key: str, problems: list[str]) -> date | None:
    try:
        return day_of(row, key)
    except DateError as error:
        problems.append(str(error))
        return None


def _mode(row: Row, problems: list[str]) -> str:
    text = row.cells.get("mode", "")
    found = _MODE_WORDS.get(name_key(text)) if text else ""
    if found is None:
        problems.append(
            f"{row.where}, mode : « {text} » est inconnu. Écrivez libéral, salarié ou mixte."
        )
    return found or ""


def _place(row: Row, problems: list[str]) -> str:
    """The point, else the quarter, else the commune."""
    cells = row.cells
    lon, lat = (cells.get(axis, "").replace(",", ".") for axis in ("lon", "lat"))
    if bool(lon) != bool(lat):
        missing = "lat" if lon else "lon"
        problems.append(f"{row.where} : il manque {missing} ; donnez les deux coordonnées.")
    elif lon and not _in_range(lon, lat):
        problems.append(
            f"{row.where} : lon {lon} et lat {lat} ne sont pas des coordonnées. Écrivez des degrés "
            "décimaux, la longitude dans lon."
        )
    elif lon:
        return f"{lat},{lon}"
    return cells.get("qpv") or cells.get("commune", "")


def _in_range(lon: str, lat: str) -> bool:
    try:
        return abs(float(lon)) <= 180 and abs(float(lat)) <= 90
    except ValueError:
        return False
