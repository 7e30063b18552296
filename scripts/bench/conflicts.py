"""Fifty thousand made-up sheets ranked for all France, against pandas grouping the same rows.

Usage: python scripts/bench/conflicts.py [CATALOGUE]
"""

import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import pandas as pd
from table import measured

from cesp_geo import Catalogue, projects_from_sheets, rank_projects
from cesp_geo.inputs.sheets import read_sheets

ROWS = 50_000
GENERATOR = Path(__file__).parents[1] / "make_register.py"
DAY = date(2026, 6, 1)
BOUND_S = 2.0


def main() -> None:
    catalogue = Catalogue.load(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheets.csv"
        subprocess.run([sys.executable, GENERATOR, path, "9000"], check=True)
        start = time.perf_counter()
        sheets = read_sheets(path)[:ROWS]
        print(f"lire               {time.perf_counter() - start:.2f} s   {len(sheets)} fiches")
        frame = pd.read_csv(path, dtype=str, nrows=ROWS)
    start = time.perf_counter()
    for_peer = frame.sort_values(["signataire", "date_fiche"]).groupby("signataire").last()
    for_peer.groupby(["commune", "specialite"])["contrat_signe_le"].rank()
    peer = time.perf_counter() - start
    for level in ("commune", "auto", "departement"):
        start = time.perf_counter()
        projects = projects_from_sheets(sheets, DAY, catalogue, zone_level=level)
        ranking = rank_projects(projects, DAY)
        ours = time.perf_counter() - start
        measured(
            f"{len(sheets)} fiches classées par {level}",
            ours,
            "pandas (tri et rang seuls)",
            peer,
            f"{len(ranking.groups)} conflits, {len(ranking.undetermined)} indéterminés ; borne "
            f"{BOUND_S:.0f} s : {'tenue' if ours <= BOUND_S else 'dépassée'}",
        )


if __name__ == "__main__":
    main()
