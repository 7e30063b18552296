"""The national list drawn and written, against pandas writing the same table.

Usage: python scripts/bench/national_list.py [CATALOGUE]

CATALOGUE is a folder that holds a national table; the embedded versions by default.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
from table import measured

from cesp_geo import Catalogue, national_list
from cesp_geo.outputs.list_tables import COLUMNS, list_layer, rows_of, write_list

DAY = date(2025, 6, 1)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    catalogue = Catalogue.load(home)
    start = time.perf_counter()
    listed = national_list(catalogue, DAY)
    drawing = time.perf_counter() - start
    print(f"dresser la liste   {drawing:.2f} s   {len(listed.places)} lieux")
    frame = pd.DataFrame(rows_of(listed), columns=list(COLUMNS))
    layer = list_layer(listed)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        peers: dict[str, Callable[[Path], object]] = {
            "xlsx": lambda path: frame.to_excel(path, index=False, engine="xlsxwriter"),
            "parquet": lambda path: layer.to_parquet(path, index=False),
            "csv": lambda path: frame.to_csv(path, index=False),
        }
        for suffix, peer in peers.items():
            ours = drawing + seconds(
                lambda s=suffix: write_list(listed, catalogue, where / f"l.{s}")  # type: ignore[misc]
            )
            theirs = seconds(lambda p=peer, s=suffix: p(where / f"p.{s}"))  # type: ignore[misc]
            measured(f"liste dressée et écrite, {suffix}", ours, "pandas, même table", theirs)


if __name__ == "__main__":
    main()
