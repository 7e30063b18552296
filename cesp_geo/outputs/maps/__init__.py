"""Folium maps, one self-contained file each."""
