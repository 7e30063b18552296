"""Locate real sites and list those that fall outside the commune they declare.

Usage: python scripts/locate_sites.py SITES.csv [JOUR]
(columns longitude, latitude, code_insee)
"""

import sys
from datetime import date

import pandas as pd

from cesp_geo import communes
from cesp_geo.communes.locate import metres
from cesp_geo.dates import parse_day


def main() -> None:
    day = parse_day(sys.argv[2]) if len(sys.argv) > 2 else date(2024, 1, 1)
    sites = pd.read_csv(sys.argv[1], dtype={"code_insee": str})
    found = communes.locate_many(sites["longitude"], sites["latitude"], day)
    same = found == sites["code_insee"].to_numpy()
    print(f"{len(sites)} sites, {same.sum()} dans la commune déclarée")
    for site, got in zip(sites[~same].itertuples(), found[~same], strict=True):
        declared = communes.by_code(site.code_insee, day)
        distance = (
            f"à {metres(site.longitude, site.latitude, communes.polygon(declared.elits)):.0f} m"
            if declared
            else "code inconnu ce jour-là"
        )
        print(
            f"{site.latitude},{site.longitude} : déclaré {site.code_insee} ({distance}), "
            f"situé en {got or 'aucune commune'}"
        )


if __name__ == "__main__":
    main()
