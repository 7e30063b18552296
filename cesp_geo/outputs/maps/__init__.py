"""Folium maps, one function a kind, each page one file that works with the network cut.

Names are imported at their first use: the styles alone cost no map library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cesp_geo.outputs.maps.comparison import comparison_map
    from cesp_geo.outputs.maps.conflicts import conflict_map
    from cesp_geo.outputs.maps.kinds import history_map, list_map, zoning_map
    from cesp_geo.outputs.maps.page import CespMap, save_map
    from cesp_geo.outputs.maps.place import place_map

__all__ = [
    "CespMap",
    "comparison_map",
    "conflict_map",
    "history_map",
    "list_map",
    "place_map",
    "save_map",
    "zoning_map",
]

_HOMES = {
    "CespMap": "page",
    "comparison_map": "comparison",
    "conflict_map": "conflicts",
    "history_map": "kinds",
    "list_map": "kinds",
    "place_map": "place",
    "save_map": "page",
    "zoning_map": "kinds",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
