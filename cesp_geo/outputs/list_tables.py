"""The national list as files: csv, xlsx, GeoPackage, GeoParquet, GeoJSON."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.dates import french_day
from cesp_geo.errors import OutputError
from cesp_geo.outputs.files import neutralise, writing
from cesp_geo.siting.national_list import ListedPlace, NationalList
from cesp_geo.siting.words import VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue

if TYPE_CHECKING:
    import geopandas

COLUMNS = (
    "region",
    "departement",
    "maille",
    "code",
    "nom",
    "anciennement",
    "tvs",
    "classe",
    "statut",
    "statut_code",
    "possibles",
    "arrete",
    "dernier_jour_eligible",
    "maintenable_jusqu_au",
    "liste_precedente",
    "population",
)
_COLOURS = {
    "eligible": "#d5ecd4",
    "maintained": "#cfe3f5",
    "may_be_maintained": "#fdf0c4",
    "not_eligible": "#eeeeee",
    "undetermined": "#f0d9f2",
}
_WIDTHS = (22, 6, 12, 10, 30, 30, 24, 16, 26, 18, 26, 34, 14, 14, 10, 12)


def rows_of(listed: NationalList) -> list[tuple[Any, ...]]:
    """Give the list's rows in the order of :data:`COLUMNS`; days as ISO text."""
    regions = communes.regions()
    return [_row(item, regions.get(item.region, "")) for item in listed.places]


def _row(item: ListedPlace, region: str) -> tuple[Any, ...]:
    previous = {None: "", True: "oui", False: "non"}[item.on_previous_list]
    return (
        region,
        item.departement,
        item.unit_type,
        item.code,
        item.name,
        item.former,
        item.tvs,
        item.zone_class,
        VERDICT_WORDS[item.status],
        item.status,
        " ".join(item.possible) if len(item.possible) > 1 else "",
        item.order_id,
        item.last_eligible_day.isoformat() if item.last_eligible_day else "",
        item.maintainable_until.isoformat() if item.maintainable_until else "",
        previous,
        item.population,
    )


def write_list(listed: NationalList, catalogue: Catalogue, target: Path) -> None:
    """Write the list by the extension of its file; the same list gives the same bytes.

    Parameters
    ----------
    listed : NationalList
    catalogue : Catalogue
        Whose sources are stated.
    target : pathlib.Path
        ``.csv``, ``.xlsx``, ``.gpkg``, ``.parquet`` or ``.geojson``.

    Raises
    ------
    OutputError
        If the extension is unknown or the file cannot be written.
    """
    suffix = target.suffix.lower()
    writers = {
        ".csv": _csv,
        ".xlsx": _xlsx,
        ".parquet": _layer,
        ".gpkg": _layer,
        ".geojson": _layer,
    }
    if suffix not in writers:
        raise OutputError(
            f"Extension inconnue : « {target.name} ». Choisissez .csv, .xlsx, .gpkg, .parquet ou "
            ".geojson."
        )
    with writing(target) as path:
        writers[suffix](listed, catalogue, path)


def _csv(listed: NationalList, catalogue: Catalogue, path: Path) -> None:
    import csv

    del catalogue
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for row in rows_of(listed):
            writer.writerow([neutralise(cell) if isinstance(cell, str) else cell for cell in row])


def statements(listed: NationalList, catalogue: Catalogue) -> list[tuple[str, str]]:
    """State the parameters, sources and gaps of a list."""
    rule = listed.rule
    found = [
        ("Titre", listed.title),
        ("Publiée le", french_day(listed.published_on)),
        ("Profession", listed.profession),
        ("Connu au", french_day(listed.known_on)),
        (
            "Règle",
            f"{rule.years} ans avant la publication, fenêtre « {rule.window} »"
            if rule
            else "aucun maintien : la règle des trois ans n'existait pas encore",
        ),
        ("Référence", "Code de l'éducation, art. L. 632-6 (lecture à confirmer)"),
        (
            "Portée",
            "La liste nationale est dressée d'après les besoins des ARS ; ce tableau dit "
            "seulement ce que les zonages permettent. Il prépare une décision.",
        ),
    ]
    used = sorted({item.order_id for item in listed.places} & set(catalogue.zonings))
    for zoning_id in used:
        zoning = catalogue.zonings[zoning_id]
        source = " ; ".join(item.title for item in zoning.sources)
        found.append((f"Zonage {zoning_id}", f"{source} ; sha256 {zoning.sha256}"))
    found += [("Contenu manquant", order_id) for order_id in listed.missing]
    return found


def _xlsx(listed: NationalList, catalogue: Catalogue, path: Path) -> None:
    from datetime import datetime

    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": listed.title, "created": datetime(2026, 1, 1)})
        bold = book.add_format({"bold": True, "bg_color": "#e8e8ef", "border": 1})
        colours = {
            status: book.add_format({"bg_color": colour}) for status, colour in _COLOURS.items()
        }
        _statement_sheet(book.add_worksheet("Sources et paramètres"), listed, catalogue, bold)
        by_region: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows_of(listed):
            by_region.setdefault(row[0] or "Autres territoires", []).append(row)
        for region, rows in by_region.items():
            sheet = book.add_worksheet(region[:31].replace("/", "-"))
            sheet.freeze_panes(1, 0)
            for index, width in enumerate(_WIDTHS):
                sheet.set_column(index, index, width)
            sheet.write_row(0, 0, COLUMNS, bold)
            _fill(sheet, rows, colours)
            sheet.autofilter(0, 0, len(rows), len(COLUMNS) - 1)


def _statement_sheet(sheet: Any, listed: NationalList, catalogue: Catalogue, bold: Any) -> None:
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 5, 24)
    line = 0
    for name, text in statements(listed, catalogue):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, text)
        line += 1
    line += 1
    sheet.write_row(line, 0, ("Région", "Statut", "Lieux", "Population"), bold)
    regions = communes.regions()
    for (region, status), (number, people) in listed.counts().items():
        line += 1
        sheet.write_row(line, 0, (regions.get(region, ""), VERDICT_WORDS[status], number, people))


def _fill(sheet: Any, rows: Sequence[tuple[Any, ...]], colours: dict[str, Any]) -> None:
    status, words = COLUMNS.index("statut_code"), COLUMNS.index("statut")
    for line, row in enumerate(rows, start=1):
        for index, cell in enumerate(row):
            if cell in ("", None):
                continue
            if isinstance(cell, int):
                sheet.write_number(line, index, cell)
            elif index == words:
                sheet.write_string(line, index, cell, colours[row[status]])
            else:
                sheet.write_string(line, index, cell)


def _layer(listed: NationalList, catalogue: Catalogue, path: Path) -> None:
    from cesp_geo.outputs.layers import write_layer

    del catalogue
    write_layer(list_layer(listed), path, "liste_nationale")


def list_layer(listed: NationalList) -> "geopandas.GeoDataFrame":
    """Give the list as polygons of the communes of its day (EPSG:4326).

    Sub-units, and parts of a commune, have no polygon of their own.
    """
    import geopandas as gpd

    shapes = communes.shapes(listed.published_on)
    geometry = {
        code: shape
        for codes, shape in zip(shapes["codes"], shapes.geometry, strict=True)
        for code in codes
    }
    columns = _columns(rows_of(listed))
    shown = [geometry.get(code) for code in columns["code"]]
    frame = gpd.GeoDataFrame(columns, geometry=shown, crs="EPSG:4326")
    frame["population"] = frame["population"].astype("Int64")
    return frame


def _columns(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    return {name: list(cells) for name, cells in zip(COLUMNS, columns, strict=True)}
