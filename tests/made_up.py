"""Catalogues of made-up orders, from the short form that decision cases use."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cesp_geo import communes
from cesp_geo.dates import parse_day_range
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.manifest import make_zoning
from cesp_geo.zonings.model import Designation, Order, Zoning


def catalogue_of(orders: Sequence[Mapping[str, Any]]) -> Catalogue:
    zonings: list[Zoning] = []
    gaps = []
    for number, item in enumerate(orders):
        order = Order(
            region=item["region"],
            profession=item.get("profession", "medecin"),
            regime=item.get("regime", "arrete-2017"),
            effective=parse_day_range(str(item["effet"])),
        )
        if "classes" in item or "qpv" in item:
            name = item.get("id", f"arrete-{number}")
            zonings.append(_zoning(order, item, name))
        else:
            gaps.append(order)
    return Catalogue(zonings, gaps)


def _zoning(order: Order, item: Mapping[str, Any], name: str) -> Zoning:
    day = date(item.get("cog", 2021), 1, 1)
    designations = []
    for code, zone_class in item.get("classes", {}).items():
        commune = communes.by_code(code, day)
        assert commune is not None, code
        tvs = item.get("tvs", {}).get(code, "")
        designations.append(
            Designation(
                commune.kind,
                code,
                commune.name,
                zone_class,
                tvs_code=tvs,
                tvs_name=tvs,
                designated_by="tvs" if item.get("par") == "tvs" else "",
            )
        )
    for code, unit in item.get("qpv", {}).items():
        designations.append(
            Designation("qpv", code, code, unit["classe"], commune_codes=tuple(unit["communes"]))
        )
    codes = [key for each in designations for key in each.commune_codes or (each.unit_code,)]
    return make_zoning(
        order=order,
        title=name,
        millesime=day.year,
        scope=item.get("portee", "region"),
        designations=designations,
        departements={code[:2] for code in codes},
        recorded_on=item.get("enregistre", date(2026, 1, 1)),
        exhaustive=item.get("complet", ()),
        as_of=item.get("constat"),
        corrects=item.get("rectifie"),
        short_name=name,
    )
