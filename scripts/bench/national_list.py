"""The national list drawn and written, against pandas writing the same table.

Ours goes from nothing to the file: communes, orders, tracks, verdicts, shapes. It is timed in a
new process each time, once imported, then as the whole command. Pandas starts from the table.

Usage: python scripts/bench/national_list.py [CATALOGUE]

CATALOGUE is a folder that holds a national table; the embedded versions by default.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
from table import measured

from cesp_geo import Catalogue, national_list
from cesp_geo.outputs.list_tables import columns_of, list_layer

DAY = date(2025, 6, 1)
RUNS = 3
PROGRAM = str(Path(sys.executable).with_name("cesp-geo"))
OURS = """
import gc, sys, time
from datetime import date
from pathlib import Path
import geopandas, pyarrow.parquet, xlsxwriter
from cesp_geo import Catalogue, national_list
from cesp_geo.outputs.list_tables import write_list
gc.set_threshold(1_000_000)  # as a command does
home, day, target = sys.argv[1:]
start = time.perf_counter()
catalogue = Catalogue.load(Path(home) if home else None)
write_list(national_list(catalogue, date.fromisoformat(day)), catalogue, Path(target))
print(time.perf_counter() - start)
"""


def median(work: Callable[[], float]) -> float:
    return statistics.median(work() for _ in range(RUNS))


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def said(command: list[str]) -> float:
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    home = sys.argv[1] if len(sys.argv) > 1 else ""
    catalogue = Catalogue.load(Path(home) if home else None)
    listed = national_list(catalogue, DAY)
    print(f"{len(listed.places)} lieux")
    frame, layer = pd.DataFrame(columns_of(listed)), list_layer(listed, catalogue)
    peers: dict[str, Callable[[Path], object]] = {
        "xlsx": lambda path: frame.to_excel(path, index=False, engine="xlsxwriter"),
        "parquet": lambda path: layer.to_parquet(path, index=False),
        "csv": lambda path: frame.to_csv(path, index=False),
    }
    with tempfile.TemporaryDirectory() as folder:
        for suffix, peer in peers.items():
            target = Path(folder) / f"liste.{suffix}"
            words = ["--publiee-le", DAY.isoformat(), "--sortie", str(target)]
            command = [PROGRAM, "liste-nationale", *words, *(["--catalogue", home] if home else [])]
            child = [sys.executable, "-c", OURS, home, DAY.isoformat(), str(target)]
            ours = median(lambda c=child: said(c))  # type: ignore[misc]
            whole = median(
                lambda c=command: seconds(
                    lambda: subprocess.run(c, check=True, capture_output=True)
                )  # type: ignore[misc]
            )
            theirs = median(lambda p=peer, t=target: seconds(lambda: p(t)))  # type: ignore[misc]
            for what, own in (("dressée et écrite", ours), ("commande entière", whole)):
                measured(f"liste {what}, {suffix}", own, "pandas, même table", theirs)


if __name__ == "__main__":
    main()
