"""The national map: its size, the time to build it and to have it usable, against folium.GeoJson.

Usage: python scripts/bench/maps.py [CATALOGUE]

Needs Chromium on the path; the peer draws the same simplified shapes, with canvas.
"""

import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import folium
import geopandas as gpd
import shapely
from table import measured

from cesp_geo import Catalogue, communes
from cesp_geo.communes.locate import all_shapes
from cesp_geo.outputs.maps import save_map, zoning_map
from cesp_geo.outputs.maps.page import CespMap

DAY = date(2025, 6, 1)
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


def main() -> None:
    catalogue = Catalogue.load(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    communes.preload()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours.html", Path(folder) / "peer.html"
        start = time.perf_counter()
        made: CespMap = zoning_map(catalogue, DAY if len(sys.argv) > 1 else date(2013, 6, 1))
        save_map(made, ours)
        built = time.perf_counter() - start
        start = time.perf_counter()
        peer(theirs)
        built_peer = time.perf_counter() - start
        measured("carte nationale dressée", built, "folium.GeoJson", built_peer)
        if shutil.which("chromium") is None:
            print("Chromium n'est pas installé : la carte n'est pas ouverte.")
            return
        ready, longest = usable(ours, ours=True)
        ready_peer, longest_peer = usable(theirs, ours=False)
        sizes = [path.stat().st_size / 1e6 for path in (ours, theirs)]
        measured(
            "carte nationale utilisable dans Chromium",
            ready,
            "folium.GeoJson",
            ready_peer,
            f"{sizes[0]:.1f} Mo contre {sizes[1]:.1f} ; plus longue tâche au déplacement "
            f"{longest:.0f} ms contre {longest_peer:.0f}",
        )


if __name__ == "__main__":
    main()
