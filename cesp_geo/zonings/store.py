"""Where versions are kept: the embedded data and the user's catalogue."""

import os
from functools import cache
from pathlib import Path


@cache
def embedded_data() -> Path:
    """The folder of the data that comes with the program (``data/`` of the source tree)."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_data"
    return installed if installed.is_dir() else package.parent / "data"


def user_home(home: Path | None = None) -> Path:
    """The user's catalogue: as given, else ``CESP_GEO_HOME``, else the platform's data folder."""
    if home is not None:
        return home
    if named := os.environ.get("CESP_GEO_HOME"):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("cesp-geo", appauthor=False)
