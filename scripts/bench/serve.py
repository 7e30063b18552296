"""The page under load: 200 requests a second on this machine, and the answer seen in a browser.

Usage: python scripts/bench/serve.py [SECONDS]

The peer is the same server answering its own style sheet, which asks nothing of the library.
"""

import asyncio
import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx
from table import measured

RATE = 200
PLACES = ("93008", "Bobigny", "48.9068,2.4397", "35238", "13055", "97411")
PROGRAM = Path(sys.executable).with_name("cesp-geo")


async def load(base: str, paths: list[str], seconds: float) -> tuple[list[float], int]:
    """Ask at a steady rate whatever the answers take; give the times and the errors."""
    times: list[float] = []
    errors = 0

    async def one(client: httpx.AsyncClient, path: str) -> None:
        nonlocal errors
        start = time.perf_counter()
        try:
            answer = await client.get(path)
            errors += answer.status_code != 200
        except httpx.HTTPError:
            errors += 1
        times.append(time.perf_counter() - start)

    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=30) as client:
        tasks = []
        start = time.perf_counter()
        for number in range(int(RATE * seconds)):
            await asyncio.sleep(max(0.0, start + number / RATE - time.perf_counter()))
            tasks.append(asyncio.create_task(one(client, paths[number % len(paths)])))
        await asyncio.gather(*tasks)
    return sorted(times), errors


def in_browser(base: str) -> float:
    """Milliseconds from the question to the answer on the screen: median of some questions."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.goto(base)
        found = []
        for place in ("Bobigny", "93066", "48.9068,2.4397", "Melun", "75101"):
            page.fill("#lieu", place)
            page.fill("#le", "2013-06-01")
            page.click("#question button[type=submit]")
            page.wait_for_selector(".verdict")
            page.wait_for_load_state("networkidle")
            found.append(float(page.get_attribute("html", "data-ms") or "nan"))
        page.wait_for_timeout(5000)
        browser.close()
    return statistics.median(found)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([PROGRAM, "servir", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                httpx.get(base)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        if shutil.which("chromium"):
            print(f"de la question à la réponse, dans Chromium : {in_browser(base):.0f} ms")
        verdicts = [f"/api/verdict?lieu={place}&le=2013-06-01" for place in PLACES]
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
        times, errors = asyncio.run(load(base, verdicts, seconds))
        plain, _ = asyncio.run(load(base, ["/assets/page.css"], min(seconds, 5)))
        for line in idle:
            line.close()
        centile = times[int(len(times) * 0.99)]
        measured(
            f"99e centile, {RATE} requêtes/s pendant {seconds:.0f} s, 100 connexions oisives",
            centile,
            "la feuille de style, même serveur",
            plain[int(len(plain) * 0.99)],
            f"{len(times)} réponses, {errors} erreurs, médiane "
            f"{statistics.median(times) * 1000:.1f} ms",
        )
    finally:
        server.terminate()
        server.wait(timeout=30)


if __name__ == "__main__":
    main()
