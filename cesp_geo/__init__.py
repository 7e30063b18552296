"""Does this place count, on that day, and why: ARS zonings for CESP signatories.

Names are imported at their first use, so that a single check stays cheap to start.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cesp_geo.siting.check import check_site
    from cesp_geo.siting.comparison import diff_zonings
    from cesp_geo.siting.conflicts import rank_projects
    from cesp_geo.siting.impact import impact
    from cesp_geo.siting.national_list import national_list
    from cesp_geo.siting.projects import projects_from_sheets
    from cesp_geo.siting.sites import check_sites
    from cesp_geo.zonings.catalogue import Catalogue

__all__ = [
    "Catalogue",
    "check_site",
    "check_sites",
    "diff_zonings",
    "impact",
    "national_list",
    "projects_from_sheets",
    "rank_projects",
]

_HOMES = {
    "Catalogue": "cesp_geo.zonings.catalogue",
    "check_site": "cesp_geo.siting.check",
    "check_sites": "cesp_geo.siting.sites",
    "diff_zonings": "cesp_geo.siting.comparison",
    "impact": "cesp_geo.siting.impact",
    "national_list": "cesp_geo.siting.national_list",
    "projects_from_sheets": "cesp_geo.siting.projects",
    "rank_projects": "cesp_geo.siting.conflicts",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'cesp_geo' has no attribute {name!r}")
