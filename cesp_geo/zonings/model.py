"""What was designated, when: frozen values, without files or clocks.

Vocabulary (French term in brackets): a *zoning* (zonage) is one version, what one order
(arrêté) designates; a *designation* (classement) gives one unit (maille) its zone class.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from cesp_geo.dates import DayRange

PROFESSIONS: Mapping[str, str] = {
    "medecin": "médecin",
    "chirurgien-dentiste": "chirurgien-dentiste",
    "sage-femme": "sage-femme",
    "pharmacien": "pharmacien",
    "infirmier": "infirmier",
    "masseur-kinesitherapeute": "masseur-kinésithérapeute",
    "orthophoniste": "orthophoniste",
}

ZONE_CLASSES: Mapping[str, str] = {
    "ZIP": "zone d'intervention prioritaire (ZIP)",
    "ZAC": "zone d'action complémentaire (ZAC)",
    "ZAR": "zone d'accompagnement régional (ZAR)",
    "ZV": "zone de vigilance (ZV)",
    "HZ": "hors zonage",
    "DEFICITAIRE": "zone déficitaire",
    "DEFICITAIRE_MRS": "zone déficitaire (mission régionale de santé)",
    "FRAGILE": "zone fragile",
    "TRES_SOUS_DOTEE": "zone très sous-dotée",
    "SOUS_DOTEE": "zone sous-dotée",
    "INTERMEDIAIRE": "zone intermédiaire",
    "TRES_DOTEE": "zone très dotée",
    "SUR_DOTEE": "zone sur-dotée",
    "NON_PRIORITAIRE": "zone non prioritaire",
    "NC": "non classé ou résultat non disponible",
}

UNIT_TYPES: Mapping[str, str] = {
    "commune": "commune",
    "arrondissement_municipal": "arrondissement municipal",
    "qpv": "quartier prioritaire (QPV)",
    "grand_quartier": "grand quartier",
    "tvs": "territoire de vie-santé",
    "canton": "canton",
    "zone": "zone nommée",
}

REGIMES: Mapping[str, str] = {
    "mrs-2005": "mission régionale de santé (CSS, art. 162-47)",
    "sros": "SROS, volet ambulatoire (CSP, art. L. 1434-7)",
    "arrete-2017": "arrêté du 13 novembre 2017",
    "arrete-2021": "arrêté du 13 novembre 2017 modifié en 2021",
    "arrete-2025": "arrêté du 9 mai 2025",
    "autre": "autre texte",
}
"""The legal grounds of an order; those of the 2017 reform begin with ``arrete-``."""


class Designation(NamedTuple):
    """The class of one unit in one zoning.

    Attributes
    ----------
    unit_type : str
        A key of :data:`UNIT_TYPES`. TVS and canton tables are spread over their communes.
    unit_code : str
        INSEE code, QPV code (``QN…``, ``QP…``) or the order's own code; always text.
    zone_class : str
        A key of :data:`ZONE_CLASSES`.
    raw_label : str
        The class as the source writes it.
    zone_label : str
        The name the order gives to the zone, if any.
    extent : str
        ``whole``, or ``part`` where only an unlocated part of the unit is designated.
    certainty : str
        ``confirmed`` or ``to_confirm``.
    commune_codes : tuple of str
        For a unit inside communes (QPV…): the INSEE codes of those communes.
    tvs_code, tvs_name : str
        The territoire de vie-santé that holds the unit, if the source says it.
    designated_by : str
        ``tvs`` where the order designates that TVS, of which the unit is a part; else empty.
    """

    unit_type: str
    unit_code: str
    unit_name: str
    zone_class: str
    raw_label: str = ""
    zone_label: str = ""
    extent: str = "whole"
    certainty: str = "confirmed"
    commune_codes: tuple[str, ...] = ()
    tvs_code: str = ""
    tvs_name: str = ""
    designated_by: str = ""

    @property
    def is_subunit(self) -> bool:
        """Whether the unit lies inside communes and overrides them (QPV, grand quartier, zone)."""
        return self.unit_type not in ("commune", "arrondissement_municipal")


@dataclass(frozen=True, slots=True)
class Order:
    """One order (arrêté) as the calendar knows it, whether its content is held or not.

    ``region`` is that of the ARS that decides (present-day INSEE region code).
    """

    region: str
    profession: str
    regime: str
    number: str = ""
    signed: DayRange | None = None
    published: DayRange | None = None
    effective: DayRange | None = None
    confidence: str = ""
    source: str = ""

    @property
    def takes_effect(self) -> DayRange:
        """The day of effect: stated, else of publication, else of signature (an inference)."""
        day = self.effective or self.published or self.signed
        assert day is not None, "an order without any day is refused when it is read"
        return day

    @property
    def effect_basis(self) -> str:
        """Which of its days is taken: ``effective``, ``published`` or ``signed``."""
        if self.effective:
            return "effective"
        return "published" if self.published else "signed"

    def same_as(self, other: "Order") -> bool:
        """Say whether both are one order: region, profession, and number or day of signature."""
        return (
            self.region == other.region
            and self.profession == other.profession
            and (
                bool(self.number and self.number == other.number)
                or bool(self.signed and self.signed.exact and self.signed == other.signed)
            )
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Where a version's content comes from."""

    title: str
    href: str = ""
    licence: str = ""
    confidence: str = ""


@dataclass(frozen=True)
class Zoning:
    """One version of a zoning: an order, what it rules, what we hold of it, its designations.

    Attributes
    ----------
    id : str
        Short name of an embedded version, else
        ``{region}-{profession}-{effective day}-{8 hex of the content}``.
    version_id : str
        The long form, for every version.
    scope : str
        ``region`` (the order rules the whole region for its profession) or ``units`` (only
        the units it names: amending orders, date groups of a national table).
    exhaustive : tuple of str
        Codes of départements where the order is known to name all its zones, so that a place
        it does not name is outside; ``("*",)`` for everywhere in its scope.
    departements : tuple of str
        Départements of the designated communes (some may lie in another region).
    as_of : datetime.date or None
        Day on which the source says the content was in force: an order of the calendar that
        took effect before that day does not touch these units.
    sha256 : str
        Hash of the content: what the order rules and the bytes of its tables.
    folder : pathlib.Path or None
        Where it is stored.
    """

    id: str
    version_id: str
    title: str
    order: Order
    millesime: int
    scope: str
    recorded_on: date
    sha256: str
    departements: tuple[str, ...]
    read_designations: Callable[[], tuple[Designation, ...]] = field(compare=False, repr=False)
    exhaustive: tuple[str, ...] = ()
    coverage_note: str = ""
    as_of: date | None = None
    corrects: str | None = None
    sources: tuple[Source, ...] = ()
    folder: Path | None = None

    @property
    def region(self) -> str:
        """INSEE code of the deciding region."""
        return self.order.region

    @property
    def profession(self) -> str:
        """A key of :data:`PROFESSIONS`."""
        return self.order.profession

    @cached_property
    def designations(self) -> tuple[Designation, ...]:
        """Every designation, in the order of its table; read and checked at first use."""
        return self.read_designations()

    @cached_property
    def by_commune(self) -> Mapping[str, Designation]:
        """Designations of communes and municipal arrondissements by INSEE code (millésime's)."""
        return {item.unit_code: item for item in self.designations if not item.is_subunit}

    @cached_property
    def by_subunit(self) -> Mapping[str, Designation]:
        """Designations of the units that lie inside communes, by code."""
        return {item.unit_code: item for item in self.designations if item.is_subunit}

    @cached_property
    def subunits_of(self) -> Mapping[str, tuple[Designation, ...]]:
        """The units that lie inside each commune, by INSEE code (millésime's)."""
        found: dict[str, list[Designation]] = {}
        for item in self.by_subunit.values():
            for code in item.commune_codes:
                found.setdefault(code, []).append(item)
        return {code: tuple(items) for code, items in found.items()}

    @cached_property
    def unplaced(self) -> tuple[Designation, ...]:
        """The units inside communes whose communes the source does not say."""
        return tuple(item for item in self.by_subunit.values() if not item.commune_codes)

    def subunits_in(self, code: str, departement: str) -> tuple[Designation, ...]:
        """Give the units that lie inside a commune, or may: those whose communes are not said.

        The code of a QPV says its département; another unit may be anywhere in the scope.

        Parameters
        ----------
        code, departement : str
            INSEE codes, the commune's of the millésime.
        """
        here = f"{departement:0>3}"
        unplaced = (
            item for item in self.unplaced if item.unit_type != "qpv" or item.unit_code[2:5] == here
        )
        return (*self.subunits_of.get(code, ()), *unplaced)

    @property
    def perimeters_path(self) -> Path | None:
        """The GeoPackage of its own perimeters (EPSG:4326, layer ``perimeters``), if any."""
        path = self.folder / "perimeters.gpkg" if self.folder else None
        return path if path and path.exists() else None
