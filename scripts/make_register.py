"""Make up follow-up sheets on real communes: contracts since 2010, a sheet a year, moves.

Usage: python scripts/make_register.py SHEETS.csv [CONTRACTS [SEED]]

Places are drawn by population; a project moves, comes back, is withdrawn or settles with the
odds below. Nobody is behind these lines: ids are numbers.
"""

import csv
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np

from cesp_geo import communes
from cesp_geo.dates import add_months, add_years

CONTRACTS = 4122
FIRST_YEAR, LAST_DAY = 2010, date(2026, 11, 1)
MOVES, RETURNS, WITHDRAWALS, SETTLES, SKIPS = 0.18, 0.25, 0.02, 0.06, 0.04
SPECIALTIES = ("médecine générale", "anesthésie-réanimation", "ophtalmologie", "psychiatrie",
               "cardiologie", "pédiatrie")  # fmt: skip
SHARES = (0.78, 0.04, 0.05, 0.06, 0.04, 0.03)
COLUMNS = ("signataire", "date_fiche", "commune", "specialite", "mode", "installation_prevue",
           "statut", "contrat_signe_le", "demande_le")  # fmt: skip


def sheets(contracts: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """Give the rows of a plausible follow-up table."""
    random = np.random.default_rng(seed)
    places = communes.communes(date(2010, 1, 1))
    weights = np.array([communes.population(item.code) or 50 for item in places], dtype=float)
    drawn = iter(random.choice(len(places), size=contracts * 12, p=weights / weights.sum()))
    for number in range(contracts):
        signed = date(
            int(random.integers(FIRST_YEAR, 2026)),
            int(random.integers(1, 13)),
            int(random.integers(1, 28)),
        )
        specialty = str(random.choice(SPECIALTIES, p=SHARES))
        place = previous = places[next(drawn)]
        day = add_months(signed, int(random.integers(6, 12)))
        applied = add_months(day, -int(random.integers(0, 5)))
        for _ in range(18):
            if day > LAST_DAY:
                break
            fate = random.random()
            status = "retiré" if fate < WITHDRAWALS else "en cours"
            if day > add_years(signed, 5) and fate > 1 - SETTLES:
                status = "installé"
            there = communes.commune_on(place.elits[0], day) or place
            yield (
                f"S{number:05d}",
                day.isoformat(),
                there.code,
                specialty,
                "libéral",
                add_years(signed, 9).isoformat(),
                status,
                signed.isoformat(),
                applied.isoformat(),
            )
            if status != "en cours":
                break
            if random.random() < MOVES:
                back = random.random() < RETURNS
                place, previous = (previous if back else places[next(drawn, 0)]), place
                applied = add_months(day, int(random.integers(1, 12)))
            day = add_months(day, 24 if random.random() < SKIPS else 12)


def main() -> None:
    target = Path(sys.argv[1])
    contracts = int(sys.argv[2]) if len(sys.argv) > 2 else CONTRACTS
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(sheets(contracts, seed))


if __name__ == "__main__":
    main()
