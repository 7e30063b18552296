"""One line of a benchmark: on the screen, and kept for the common table of all.py."""

import json
import os
import time
from contextlib import suppress

import psutil


def measured(what: str, ours: float, peer: str, theirs: float, note: str = "") -> None:
    """Print seconds against a peer's of the same run; ``note`` says the rest in French."""
    print(
        f"{what:<34} {ours:8.3f} s   {peer} {theirs:.3f} s   rapport {ours / theirs:.2f}"
        + (f"   {note}" if note else "")
    )
    if path := os.environ.get("CESP_GEO_BENCH"):
        with open(path, "a", encoding="utf-8") as file:  # noqa: PTH123 - appended by each script
            file.write(json.dumps([what, ours, peer, theirs, note], ensure_ascii=False) + "\n")


def peak_memory(process: "psutil.Popen") -> int:
    """Wait for a process; the most bytes that it and those it starts use together.

    Pages that several share are counted once (PSS).
    """
    peak = 0
    while process.poll() is None:
        used = 0
        with suppress(psutil.Error):
            for one in [process, *process.children(recursive=True)]:
                with suppress(psutil.Error):
                    used += one.memory_full_info().pss
        peak = max(peak, used)
        time.sleep(0.2)
    return peak
