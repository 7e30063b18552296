"""Is every version of a catalogue what it says it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from cesp_geo import communes
from cesp_geo.errors import CespGeoError
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.manifest import verify_zoning
from cesp_geo.zonings.model import Zoning


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of one version; ``classes`` gives units and population by class."""

    zoning_id: str
    faults: tuple[str, ...]
    classes: Mapping[str, tuple[int, int]]


def verify_all(catalogue: Catalogue) -> Iterator[Report]:
    """Verify every version: checksums, codes, dates, coverage, overlaps with other versions.

    Parameters
    ----------
    catalogue : Catalogue

    Yields
    ------
    Report

    Examples
    --------
    >>> [report.faults for report in verify_all(Catalogue.load())]
    [(), (), ()]
    """
    for zoning in catalogue.zonings.values():
        faults: list[str] = []
        classes: dict[str, tuple[int, int]] = {}
        try:
            verify_zoning(zoning)
            faults += _codes(zoning)
            faults += _dates(zoning)
            faults += _overlaps(zoning, catalogue)
            for item in zoning.designations:
                units, people = classes.get(item.zone_class, (0, 0))
                own = None if item.is_subunit else communes.population(item.unit_code)
                classes[item.zone_class] = units + 1, people + (own or 0)
        except CespGeoError as error:
            faults.append(str(error))
        yield Report(zoning.id, tuple(faults), classes)


def _codes(zoning: Zoning) -> Iterator[str]:
    day = date(zoning.millesime, 1, 1)
    codes = {*zoning.by_commune, *zoning.subunits_of}
    lost = sorted(code for code in codes if communes.by_code(code, day) is None)
    if lost:
        yield f"codes absents du COG {zoning.millesime} : {', '.join(lost[:10])}."
    if zoning.corrects == zoning.id:
        yield "cette version se corrige elle-même."


def _dates(zoning: Zoning) -> Iterator[str]:
    order = zoning.order
    if order.signed and order.published and order.published.last < order.signed.first:
        yield f"publié ({order.published}) avant d'être signé ({order.signed})."
    if zoning.as_of and zoning.as_of < order.takes_effect.first:
        yield f"constaté le {zoning.as_of.isoformat()}, avant son effet ({order.takes_effect})."


def _overlaps(zoning: Zoning, catalogue: Catalogue) -> Iterator[str]:
    for other in catalogue.zonings.values():
        if (
            other.id < zoning.id
            and (other.region, other.profession) == (zoning.region, zoning.profession)
            and other.order.takes_effect == zoning.order.takes_effect
            and zoning.id not in (other.corrects, other.id)
            and zoning.corrects not in (other.id, other.version_id)
            and (set(other.by_commune) & set(zoning.by_commune))
        ):
            yield f"classe les mêmes communes le même jour que {other.id}, sans le corriger."
