"""Empty tables to fill in: drop-down lists, date cells, and a sheet that explains each column."""

from collections.abc import Sequence
from pathlib import Path

from cesp_geo.errors import OutputError
from cesp_geo.inputs.rows import FIRST_DAY, Column
from cesp_geo.outputs.tables import workbook

_ROWS = 5000
_LISTS = "Listes"


def write_template(target: Path, title: str, columns: Sequence[Column]) -> None:
    """Write a workbook whose first sheet is the empty table.

    Parameters
    ----------
    target : pathlib.Path
        ``.xlsx``.
    title : str
        Name of the table.
    columns : sequence of Column

    Raises
    ------
    OutputError
        If it is no ``.xlsx`` or cannot be written.
    """
    from datetime import datetime

    from xlsxwriter.utility import xl_col_to_name

    if target.suffix.lower() != ".xlsx":
        raise OutputError(f"Le modèle est un classeur : nommez-le en .xlsx, pas {target.name}.")
    with workbook(target) as book:
        book.set_properties({"title": title, "created": datetime(2026, 1, 1)})
        head = book.add_format({"bold": True, "bg_color": "#e8e8ef", "border": 1})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        text = book.add_format({"num_format": "@"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        lists = book.add_worksheet(_LISTS)
        lists.hide()
        for index, column in enumerate(columns):
            sheet.set_column(
                index, index, max(14, len(column.name) + 2), day if column.is_day else text
            )
            sheet.write_string(0, index, column.name, head)
            if column.choices:
                lists.write_column(0, index, column.choices)
                letter = xl_col_to_name(index, col_abs=True)
                sheet.data_validation(
                    1, index, _ROWS, index,
                    {
                        "validate": "list",
                        "source": f"={_LISTS}!{letter}$1:{letter}${len(column.choices)}",
                        "error_type": "warning" if column.free else "stop",
                        "error_title": "Valeur inconnue",
                        "error_message": "Choisissez une valeur de la liste.",
                    },
                )  # fmt: skip
            elif column.is_day:
                sheet.data_validation(
                    1, index, _ROWS, index,
                    {
                        "validate": "date",
                        "criteria": ">=",
                        "value": datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day),
                        "error_title": "Jour impossible",
                        "error_message": "Écrivez un jour, par exemple 15/03/2024.",
                    },
                )  # fmt: skip
        notes = book.add_worksheet("Mode d'emploi")
        notes.set_column(0, 0, 24)
        notes.set_column(1, 1, 34)
        notes.set_column(2, 2, 90)
        notes.write_row(0, 0, ("colonne", "obligatoire", "ce qu'on y écrit"), head)
        for line, column in enumerate(columns, start=1):
            notes.write_string(line, 0, column.name, wrapped)
            notes.write_string(line, 1, "oui" if column.required else column.need or "non", wrapped)
            choices = f" Valeurs : {', '.join(column.choices)}." if column.choices else ""
            notes.write_string(line, 2, column.text + choices, wrapped)
