"""Where the user's versions are kept."""

import os
from pathlib import Path


def user_home(home: Path | None = None) -> Path:
    """The user's catalogue: as given, else ``CESP_GEO_HOME``, else the platform's data folder."""
    if home is not None:
        return home
    if named := os.environ.get("CESP_GEO_HOME"):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("cesp-geo", appauthor=False)
