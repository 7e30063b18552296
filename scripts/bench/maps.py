"""National maps: their size, the time to build them and have them usable, beside folium.GeoJson.

Usage: python scripts/bench/maps.py [CATALOGUE]

Needs Chromium on the path; the peer draws the same simplified shapes once, with canvas. With a
catalogue the comparison and the history of France are measured as well.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import folium
import geopandas as gpd
import shapely
from table import measured

from cesp_geo import Catalogue, communes
from cesp_geo.communes.locate import all_shapes
from cesp_geo.outputs.maps import comparison_map, history_map, save_map, zoning_map
from cesp_geo.outputs.maps.page import CespMap
from cesp_geo.siting.comparison import classify_day, diff_zonings

EARLIER, DAY = date(2013, 6, 1), date(2025, 6, 1)
LONG_TASKS = """window.longest = 0; new PerformanceObserver((list) => list.getEntries().forEach(
  (entry) => { window.longest = Math.max(window.longest, entry.duration); }))
  .observe({type: 'longtask', buffered: true})"""


def peer(target: Path) -> None:
    shapes = shapely.coverage_simplify(all_shapes(), 0.0035)
    frame = gpd.GeoDataFrame(geometry=shapely.set_precision(shapes, 0.0001), crs=4326)
    made = folium.Map(location=(46.6, 2.5), zoom_start=6, tiles=None, prefer_canvas=True)
    made.default_js, made.default_css = [], []
    folium.GeoJson(frame.to_json()).add_to(made)
    figure = made.get_root()
    inside = folium.Element(f"<script>{asset('leaflet.js')}</script>")
    figure.header.add_child(inside, name="leaflet")
    made.save(target)


def asset(name: str) -> str:
    import cesp_geo.outputs.maps.page as page

    return (Path(page.__file__).parent / "assets" / name).read_text(encoding="utf-8")


def usable(path: Path, *, ours: bool) -> tuple[float, float]:
    """Seconds until the first paint of all zones, and the longest task while panning (ms)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(LONG_TASKS)
        start = time.perf_counter()
        page.goto(path.as_uri(), timeout=120_000)
        if ours:
            page.wait_for_selector("html[data-ready]", state="attached")
        else:
            page.wait_for_selector("canvas.leaflet-zoom-animated", state="attached")
        ready = time.perf_counter() - start
        page.wait_for_timeout(500)
        page.evaluate("window.longest = 0")
        for _ in range(3):
            page.mouse.move(500, 400)
            page.mouse.down()
            page.mouse.move(250, 300, steps=8)
            page.mouse.up()
            page.wait_for_timeout(800)
        longest = page.evaluate("window.longest")
        browser.close()
    return ready, longest


def kinds(home: Path | None) -> dict[str, Callable[[], CespMap]]:
    """Give what draws each kind of map, from a catalogue read anew."""
    if home is None:
        return {"zonage": lambda: zoning_map(Catalogue.load(), EARLIER)}

    def comparison() -> CespMap:
        catalogue = Catalogue.load(home)
        sides = (classify_day(catalogue, day) for day in (EARLIER, DAY))
        return comparison_map(diff_zonings(*sides), catalogue)

    return {
        "zonage": lambda: zoning_map(Catalogue.load(home), DAY),
        "comparaison": comparison,
        "historique": lambda: history_map(Catalogue.load(home), date(2012, 1, 1), DAY),
    }


def main() -> None:
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    browser = shutil.which("chromium") is not None
    if not browser:
        print("Chromium n'est pas installé : les cartes ne sont pas ouvertes.")
    communes.preload()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "peer.html"
        start = time.perf_counter()
        peer(target)
        built_peer = time.perf_counter() - start
        opened_peer = usable(target, ours=False) if browser else (0.0, 0.0)
        size_peer = target.stat().st_size / 1e6
        for kind, draw in kinds(home).items():
            start = time.perf_counter()
            save_map(draw(), target)
            measured(
                f"carte nationale, {kind}, dressée",
                time.perf_counter() - start,
                "folium.GeoJson",
                built_peer,
                f"{target.stat().st_size / 1e6:.1f} Mo contre {size_peer:.1f}",
            )
            if browser:
                ready, longest = usable(target, ours=True)
                measured(
                    f"carte nationale, {kind}, utilisable dans Chromium",
                    ready,
                    "folium.GeoJson",
                    opened_peer[0],
                    f"plus longue tâche au déplacement {longest:.0f} ms contre "
                    f"{opened_peer[1]:.0f}",
                )


if __name__ == "__main__":
    main()
