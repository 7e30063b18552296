"""Run every benchmark of this folder, then write one table.

Usage: python scripts/bench/all.py [CATALOGUE]

CATALOGUE is a folder that holds a national table; the embedded versions by default.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
ARGUMENTS = {"locate.py": ["1000000", "3"], "verifier.py": ["5"]}
TAKES_CATALOGUE = {"bulk.py", "conflicts.py", "maps.py", "national_list.py"}
LIBRARIES = ("numpy", "pandas", "geopandas", "shapely", "pyarrow", "folium")


def main() -> None:
    rows, start = [], time.perf_counter()
    for script in sorted(HERE.glob("*.py")):
        if script.name in ("all.py", "table.py"):
            continue
        words = ARGUMENTS.get(script.name, [])
        if script.name in TAKES_CATALOGUE:
            words = sys.argv[1:2]
        print(f"\n== {script.name}", flush=True)
        with tempfile.NamedTemporaryFile("r", suffix=".jsonl", encoding="utf-8") as lines:
            process = subprocess.Popen(
                [sys.executable, script, *words], env={**os.environ, "CESP_GEO_BENCH": lines.name}
            )
            _, status, used = os.wait4(process.pid, 0)
            if status:
                raise SystemExit(f"{script.name} : échec")
            rows += [(script.stem, used.ru_maxrss / 1e6, *json.loads(line)) for line in lines]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    machine = f"{platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}"
    spent = time.perf_counter() - start
    print(f"\n{date.today()}, {machine}, {versions} ; {spent:.0f} s en tout\n")
    print("| Mesure | Ici | Pair | Le pair | Rapport | Mémoire du banc | Note |")
    print("|---|---|---|---|---|---|---|")
    for _, memory, what, ours, peer, theirs, note in rows:
        print(
            f"| {what} | {ours:.3f} s | {peer} | {theirs:.3f} s | {ours / theirs:.2f} | "
            f"{memory:.2f} Go | {note} |"
        )


if __name__ == "__main__":
    main()
