"""Folium maps, each one self-contained file."""

from cesp_geo.outputs.maps.conflicts import conflict_map
from cesp_geo.outputs.maps.kinds import comparison_map, history_map, list_map, zoning_map
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
