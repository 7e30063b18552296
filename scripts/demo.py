"""The main job on the embedded data: what `make demo` shows."""

import subprocess
import sys
from pathlib import Path

QUESTIONS = [
    ["verifier", "Bobigny", "--le", "2013-06-01"],
    ["verifier", "48.9635,2.3610", "--le", "2013-06-01"],
    ["verifier", "Saint-Denis (93)", "--le", "2013-06-01"],
    ["verifier", "Bobigny", "--le", "2021-03-05", "--liste-publiee-le", "2021-03-05"],
    ["verifier", "QN00401M", "--le", "2026-06-01"],
    ["zonages", "liste", "--region", "11"],
]


def main() -> None:
    program = Path(sys.executable).with_name("cesp-geo")
    for question in QUESTIONS:
        words = [f"'{word}'" if " " in word or "(" in word else word for word in question]
        print(f"\n$ cesp-geo {' '.join(words)}", flush=True)
        status = subprocess.run([program, *question], check=False).returncode
        if status not in (0, 3):
            sys.exit(status)


if __name__ == "__main__":
    main()
