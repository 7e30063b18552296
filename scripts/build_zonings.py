"""Rebuild data/zonings/ from the tables of facts: three versions and the calendar of orders.

Usage: python scripts/build_zonings.py FACTS_FOLDER
"""

import csv
import shutil
import sys
from datetime import date
from pathlib import Path

from cesp_geo.dates import parse_day_range
from cesp_geo.zonings.manifest import make_zoning, write_zoning
from cesp_geo.zonings.model import Designation, Order, Source

TARGET = Path(__file__).resolve().parent.parent / "data" / "zonings"
RECORDED_ON = date(2026, 11, 23)
REGIMES = {
    "MRS 2005 (CSS 162-47)": "mrs-2005",
    "SROS volet ambulatoire (CSP L.1434-7)": "sros",
    "arrêté du 13/11/2017": "arrete-2017",
    "arrêté du 13/11/2017 modifié 2021": "arrete-2021",
    "arrêté du 09/05/2025": "arrete-2025",
}
LICENCE = "Faits tirés d'un acte administratif public"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def designation(row: dict[str, str]) -> Designation:
    return Designation(
        unit_type=row["unit_type"],
        unit_code=row["unit_code"],
        unit_name=row["unit_name"],
        zone_class=row["zone_class"],
        raw_label=row["zone_class"],
        zone_label=row.get("zone_label", ""),
        extent=row.get("extent", "whole"),
        certainty=row.get("certainty", "confirmed"),
        commune_codes=tuple(row.get("commune_codes", "").split()),
    )


def departements(designations: list[Designation]) -> set[str]:
    codes = {code for item in designations for code in item.commune_codes or (item.unit_code,)}
    return {code[:3] if code.startswith("97") else code[:2] for code in codes}


def build(facts: Path) -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    versions = {
        "idf-2005": dict(
            table="idf_2005_seine_et_marne.csv",
            title="Île-de-France, 2005 : zones déficitaires de Seine-et-Marne (MRS)",
            order=Order(
                "11",
                "medecin",
                "mrs-2005",
                "05.01",
                signed=parse_day_range("2005"),
                confidence="B",
                source="Arrêté n° 05.01 de la mission régionale de santé",
            ),
            millesime=2005,
            coverage_note="Six zones de Seine-et-Marne ; le reste de la région n'est pas chargé.",
            source="Arrêté n° 05.01 de la mission régionale de santé ; Le Quotidien du Médecin",
        ),
        "idf-2012": dict(
            table="idf_2012.csv",
            title="Île-de-France, 2012 : zones déficitaires (SROS, volet ambulatoire)",
            order=Order(
                "11",
                "medecin",
                "sros",
                "12-209",
                signed=parse_day_range("2012-05-24"),
                confidence="A",
                source="Arrêté n° 12-209 du 24/05/2012",
            ),
            millesime=2012,
            exhaustive=("75", "92", "93", "94"),
            coverage_note=(
                "Complet pour 75, 92, 93 et 94 (lu sur la carte de l'agence, confiance I) ; "
                "partiel pour 77, 78, 91 et 95."
            ),
            source="ARS Île-de-France, présentation du CESP (pôle ambulatoire)",
        ),
        "paca-qpv-2026": dict(
            table="paca_qpv_2026.csv",
            title="Provence-Alpes-Côte d'Azur, 2026 : classement des QPV",
            order=Order(
                "93",
                "medecin",
                "arrete-2025",
                signed=parse_day_range("2026-01-05"),
                confidence="B",
                source="Arrêté du 05/01/2026",
            ),
            millesime=2025,
            coverage_note="135 QPV (périmètres 2024) ; la table des communes n'est pas chargée.",
            source="ARS Provence-Alpes-Côte d'Azur, arrêté du 05/01/2026",
        ),
    }
    for name, version in versions.items():
        designations = [designation(row) for row in rows(facts / version["table"])]
        write_zoning(
            make_zoning(
                order=version["order"],
                title=version["title"],
                millesime=version["millesime"],
                scope="region",
                designations=designations,
                departements=departements(designations),
                recorded_on=RECORDED_ON,
                exhaustive=version.get("exhaustive", ()),
                coverage_note=version["coverage_note"],
                sources=[
                    Source(
                        version["source"], licence=LICENCE, confidence=version["order"].confidence
                    )
                ],
                short_name=name,
            ),
            TARGET,
        )
        print(f"{name} : {len(designations)} classements")
    columns = [
        "region_code",
        "profession",
        "order_number",
        "signed_on",
        "published_on",
        "effective_from",
        "regime",
        "confidence",
        "source",
    ]
    orders = rows(facts / "zoning_orders.csv")
    with (TARGET / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for row in orders:
            writer.writerow({**row, "regime": REGIMES[row["regime"]]})
    print(f"calendrier : {len(orders)} arrêtés connus")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
