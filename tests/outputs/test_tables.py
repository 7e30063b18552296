"""Workbooks as a person opens them."""

from pathlib import Path

import openpyxl

from cesp_geo.outputs.tables import Table, write_tables


def test_words_are_coloured_and_stay_so_when_changed(tmp_path: Path) -> None:
    target = tmp_path / "liste.xlsx"
    rows = [("93008", "Éligible"), ("75101", "Indéterminé")]
    colours = {"Éligible": "#d5ecd4", "Indéterminé": "#f0d9f2"}
    write_tables(target, {"Lieux": Table(("code", "statut"), rows, "statut", colours)})
    sheet = openpyxl.load_workbook(target)["Lieux"]
    found = {
        rule.formula[0]: (str(area.sqref), rule.dxf.fill.bgColor.rgb)
        for area in sheet.conditional_formatting
        for rule in area.rules
    }
    assert found == {
        '"Éligible"': ("B2:B3", "FFD5ECD4"),
        '"Indéterminé"': ("B2:B3", "FFF0D9F2"),
    }
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        list(row) for row in rows
    ]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
