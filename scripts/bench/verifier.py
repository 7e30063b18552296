"""`cesp-geo verifier`, cold, against `import geopandas`; and a thousand point checks warm.

Usage: python scripts/bench/verifier.py [RUNS]
"""

import os
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
from table import measured

PROGRAM = str(Path(sys.executable).with_name("cesp-geo"))
PEER = [sys.executable, "-c", "import geopandas"]
PLACES = {"code": "93008", "nom": "Bobigny", "point": "48.9068,2.4397"}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    status = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    if status not in (0, 3):
        raise SystemExit(f"{command} : code {status}")
    return time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    commands = {
        name: [PROGRAM, "verifier", place, "--le", "2013-06-01"] for name, place in PLACES.items()
    }
    times: dict[str, list[float]] = {name: [] for name in ("import geopandas", *commands)}
    for _ in range(runs + 1):
        times["import geopandas"].append(seconds(PEER))
        for name, command in commands.items():
            times[name].append(seconds(command))
    peer = statistics.median(times["import geopandas"][1:])
    for name in commands:
        median = statistics.median(times[name][1:])
        measured(f"verifier par {name}, à froid", median, "import geopandas", peer)
    helping(runs)
    thousand()


def helping(runs: int) -> None:
    """Processor time of --help, against that of an empty program."""
    measured(
        "--help, processeur",
        processor([PROGRAM, "--help"], runs),
        "python -c pass",
        processor([sys.executable, "-c", "pass"], runs),
    )


def processor(command: list[str], runs: int) -> float:
    times = []
    for _ in range(runs):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, _, used = os.wait4(process.pid, 0)
        times.append(used.ru_utime + used.ru_stime)
    return statistics.median(times)


def thousand() -> None:
    from cesp_geo import check_site
    from cesp_geo.communes.locate import locate_many

    random = np.random.default_rng(1)
    lon, lat = random.uniform(-1, 6, 4000), random.uniform(43.5, 49.5, 4000)
    codes = locate_many(lon, lat, date(2024, 1, 1))
    inside = [(x, y) for x, y, code in zip(lon, lat, codes, strict=True) if code][:1000]
    check_site(inside[0], on="2024-06-01")
    start = time.perf_counter()
    for point in inside:
        check_site(point, on="2024-06-01")
    print(f"mille points       {(time.perf_counter() - start) / len(inside) * 1000:.2f} ms chacun")


if __name__ == "__main__":
    main()
