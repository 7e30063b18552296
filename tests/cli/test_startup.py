"""Cheap to start: what a command loads is counted, not timed."""

import subprocess
import sys

import pytest

HEAVY = {
    "geopandas", "pandas", "shapely", "pyogrio", "folium", "rich", "rtree", "openpyxl", "pyarrow",
    "numpy", "xlsxwriter", "yaml", "jinja2", "pyproj", "rapidfuzz",
}  # fmt: skip


def loaded(code: str) -> set[str]:
    text = f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def command(*words: str) -> str:
    return (
        "from cesp_geo.cli import main\n"
        f"try:\n    main({list(words)!r})\nexcept SystemExit:\n    pass"
    )


def test_help_loads_click_and_little_else() -> None:
    bare = loaded("import click")
    found = loaded(command("--help"))
    assert not HEAVY & found
    assert len(found - bare) < 30


def test_importing_the_package_loads_nothing() -> None:
    found = loaded("import cesp_geo")
    own = {name for name in found if name.startswith("cesp_geo")}
    assert own == {"cesp_geo"}
    assert not HEAVY & found


@pytest.mark.parametrize("place", ["93008", "Bobigny"])
def test_a_check_by_code_or_name_needs_no_frame_and_no_geometry(place: str) -> None:
    found = loaded(command("verifier", place, "--le", "2013-06-01"))
    assert not (HEAVY - {"yaml"}) & found
