"""The catalogue: every version and every known order, and which of them rules a part on a day."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cesp_geo.communes.store import data_folder
from cesp_geo.errors import OutputError, ZoningError, system_reason
from cesp_geo.zonings.manifest import MANIFEST, read_zoning, write_zoning
from cesp_geo.zonings.model import Order, Zoning
from cesp_geo.zonings.store import user_home
from cesp_geo.zonings.tables import orders_from_csv
from cesp_geo.zonings.track import WHOLE, Entry, Focus, Track
from cesp_geo.zonings.tracks import Tracks

if TYPE_CHECKING:
    import geopandas

    from cesp_geo.zonings.perimeters import PerimeterIndex

RELEASED_ON = date(2026, 11, 23)
"""Day of the release that brought the embedded calendar of orders."""


class Catalogue:
    """Embedded and user's versions together; append only.

    Parameters
    ----------
    zonings : iterable of Zoning
    orders : iterable of Order
        The calendar of known orders.
    home : pathlib.Path, optional
        Folder in which :meth:`add` writes.

    Examples
    --------
    >>> catalogue = Catalogue.load()
    >>> catalogue.zoning("idf-2012").order.number
    '12-209'
    """

    def __init__(
        self, zonings: Iterable[Zoning], orders: Iterable[Order], home: Path | None = None
    ) -> None:
        self.zonings: Mapping[str, Zoning] = {item.id: item for item in zonings}
        self.orders = tuple(orders)
        self.home = home
        self._entries: dict[tuple[str, date], Mapping[str, Sequence[Entry]]] = {}
        self._tracks: dict[tuple[str, date], Tracks] = {}

    @classmethod
    def load(cls, home: Path | None = None) -> "Catalogue":
        """Read the embedded versions and those of the user's catalogue.

        Parameters
        ----------
        home : pathlib.Path, optional
            The user's catalogue; else ``CESP_GEO_HOME``, else the platform's data folder.

        Raises
        ------
        DataError
            If a manifest is missing or damaged. Tables are read, and checked against their
            sha256, at first use.
        """
        embedded = data_folder() / "zonings"
        own = user_home(home) / "zonings"
        folders = [path.parent for path in sorted(embedded.glob(f"*/{MANIFEST}"))]
        folders += [path.parent for path in sorted(own.glob(f"[!.]*/{MANIFEST}"))]
        return cls(map(read_zoning, folders), orders_from_csv(embedded / "orders.csv"), own)

    def zoning(self, zoning_id: str) -> Zoning:
        """Give a version by its id, short or long.

        Raises
        ------
        ZoningError
            If there is none; near ids are suggested.
        """
        if zoning_id in self.zonings:
            return self.zonings[zoning_id]
        for item in self.zonings.values():
            if item.version_id == zoning_id:
                return item
        from rapidfuzz import process

        near = [found[0] for found in process.extract(zoning_id, list(self.zonings), limit=3)]
        raise ZoningError(
            f"Zonage inconnu : « {zoning_id} ». Les plus proches : {', '.join(near)}. "
            "La commande « cesp-geo zonages liste » les donne tous."
        )

    @property
    def last_recorded(self) -> date:
        """The last day on which anything was recorded: the default of ``known_on``."""
        return max([RELEASED_ON, *(item.recorded_on for item in self.zonings.values())])

    @property
    def regions(self) -> tuple[str, ...]:
        """Region codes for which an order is known."""
        return tuple(sorted({order.region for order in self._orders()}))

    def timeline(
        self, region: str, profession: str = "medecin", known_on: date | None = None
    ) -> tuple[Entry, ...]:
        """Give a region's versions and gaps in order of effect, as known on a day.

        Parameters
        ----------
        region : str
            Present-day INSEE region code.
        profession : str
        known_on : datetime.date, optional
            Leave out what was recorded later.

        Examples
        --------
        >>> [entry.id for entry in Catalogue.load().timeline("11")][:2]
        ['idf-2005', 'idf-2012']
        """
        return tuple(self._by_region(profession, known_on or self.last_recorded).get(region, ()))

    def order(
        self, order_id: str, profession: str = "medecin", known_on: date | None = None
    ) -> Order:
        """Give the order of a version or of a gap, by the id that a timeline shows.

        Examples
        --------
        >>> Catalogue.load().order("idf-2012").number
        '12-209'
        """
        if order_id in self.zonings:
            return self.zonings[order_id].order
        for region in self.regions:
            for entry in self.timeline(region, profession, known_on):
                if entry.id == order_id:
                    return entry.order
        raise KeyError(order_id)

    def track(
        self,
        elit: int,
        profession: str = "medecin",
        known_on: date | None = None,
        focus: Focus = WHOLE,
    ) -> Track:
        """Gather what all orders say of an élit; equal tracks are one object.

        Parameters
        ----------
        elit : int
        profession : str
        known_on : datetime.date, optional
        focus : Focus
            The whole commune, a sub-unit or a point.

        Returns
        -------
        Track
        """
        return self.tracks((elit,), profession, known_on, focus)[elit]

    def tracks(
        self,
        elits: Iterable[int],
        profession: str = "medecin",
        known_on: date | None = None,
        focus: Focus = WHOLE,
    ) -> Mapping[int, Track]:
        """Gather what all orders say of many élits, as :meth:`track` does of one.

        Parameters
        ----------
        elits : iterable of int
        profession, known_on, focus : optional
            As for :meth:`track`.

        Returns
        -------
        mapping of int to Track
            Those asked for, and maybe others.
        """
        key = (profession, known_on or self.last_recorded)
        if (tracks := self._tracks.get(key)) is None:
            tracks = self._tracks[key] = Tracks(self._by_region(*key))
        return tracks.of(elits, focus)

    def designating(self, unit_code: str, profession: str | None = None) -> tuple[Zoning, ...]:
        """Give the versions that designate a sub-unit (QPV, grand quartier, zone) by its code."""
        return tuple(
            item
            for item in self.zonings.values()
            if profession in (None, item.profession) and unit_code in item.by_subunit
        )

    @cached_property
    def perimeters(self) -> "PerimeterIndex | None":
        """Index of the perimeters that versions bring, None where none brings any."""
        bringing = [item for item in self.zonings.values() if item.perimeters_path]
        if not bringing:
            return None
        from cesp_geo.zonings.perimeters import PerimeterIndex

        return PerimeterIndex(bringing)

    def layer(
        self, zoning_id: str, day: date | None = None, by: str | None = None
    ) -> "geopandas.GeoDataFrame":
        """Give a version as a polygon layer.

        Parameters
        ----------
        zoning_id : str
        day : datetime.date, optional
            Whose commune shapes to use; the first day of the version's millésime by default.
        by : str, optional
            Dissolve by ``classe``, ``tvs`` or ``departement``: one row each, with the zone class
            and the number of units.

        Returns
        -------
        geopandas.GeoDataFrame
            EPSG:4326; one row a unit: ``unit_type``, ``unit_code``, ``unit_name``,
            ``zone_class``, ``zone_label``, ``extent``, ``certainty``, ``resolved``,
            ``geometry``. An inseparable group of former communes is one row whose
            ``resolved`` is False.
        """
        from cesp_geo.zonings.layer import dissolved, zoning_layer

        layer = zoning_layer(self.zoning(zoning_id), day)
        return dissolved(layer, by) if by else layer

    def check(self, drafts: Sequence[Zoning]) -> tuple[Zoning, ...]:
        """Say which of some versions are new, as :meth:`add` would record them.

        Raises
        ------
        ZoningError
            As :meth:`add`.
        """
        held = {item.sha256 for item in self.zonings.values()}
        new = tuple(item for item in drafts if item.sha256 not in held)
        known = list(self.zonings.values())
        for item in new:
            self._refuse_conflicts(item, known)
            known.append(item)
        return new

    def add(
        self, drafts: Sequence[Zoning], perimeters: Mapping[str, bytes] | None = None
    ) -> tuple[Zoning, ...]:
        """Record new versions in the user's catalogue, all of them or none.

        A version whose content is held already changes nothing.

        Parameters
        ----------
        drafts : sequence of Zoning
            Made by :func:`~cesp_geo.zonings.manifest.make_zoning`.
        perimeters : mapping of str to bytes, optional
            By version id, the GeoPackage of its perimeters.

        Returns
        -------
        tuple of Zoning
            Those that were new.

        Raises
        ------
        ZoningError
            If a version takes effect the same day as another on a common unit without
            declaring that it corrects it.
        OutputError
            If the catalogue cannot be written.
        """
        new = self.check(drafts)
        if self.home is None:
            raise OutputError("Ce catalogue est en lecture seule : il n'a pas de dossier.")
        written: list[Path] = []
        try:
            for item in new:
                written.append(write_zoning(item, self.home, (perimeters or {}).get(item.id)))
        except BaseException as error:
            for folder in written:
                shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, OSError):
                raise OutputError(
                    f"Impossible d'écrire dans le catalogue {self.home} ({system_reason(error)}). "
                    "Rien n'a été enregistré. Libérez de la place ou choisissez un autre "
                    "dossier avec --catalogue."
                ) from None
            raise
        added = tuple(read_zoning(folder) for folder in written)
        self.zonings = {**self.zonings, **{item.id: item for item in added}}
        self._entries.clear()
        self._tracks.clear()
        self.__dict__.pop("perimeters", None)
        return added

    def _refuse_conflicts(self, draft: Zoning, known: Iterable[Zoning]) -> None:
        corrected = draft.corrects and self.zoning(draft.corrects)
        for other in known:
            if (
                (other.region, other.profession) != (draft.region, draft.profession)
                or other.order.takes_effect != draft.order.takes_effect
                or (corrected and other.id == corrected.id)
            ):
                continue
            common = sorted(
                (set(draft.by_commune) & set(other.by_commune))
                | (set(draft.by_subunit) & set(other.by_subunit))
            )
            if common:
                raise ZoningError(
                    f"Le zonage {other.id} prend effet le même jour "
                    f"({other.order.takes_effect}) et classe déjà {len(common)} des mêmes "
                    f"mailles ({', '.join(common[:3])}…). Si ce fichier le rectifie, "
                    f"ajoutez --rectifie {other.id}."
                )

    def _orders(self) -> Iterable[Order]:
        return (*self.orders, *(item.order for item in self.zonings.values()))

    def _by_region(self, profession: str, known_on: date) -> Mapping[str, Sequence[Entry]]:
        key = (profession, known_on)
        if key not in self._entries:
            known = [
                item
                for item in self.zonings.values()
                if item.profession == profession and item.recorded_on <= known_on
            ]
            corrected = {self.zoning(item.corrects).id for item in known if item.corrects}
            entries = [Entry(item.order, item) for item in known if item.id not in corrected]
            whole = [entry.order for entry in entries if entry.zoning.scope == "region"]  # type: ignore[union-attr]
            if known_on >= RELEASED_ON:
                entries += [
                    Entry(order, None)
                    for order in self.orders
                    if order.profession == profession
                    and not any(order.same_as(held) for held in whole)
                ]
            by_region: dict[str, list[Entry]] = {}
            for entry in sorted(entries, key=lambda entry: (entry.effective, entry.id)):
                by_region.setdefault(entry.order.region, []).append(entry)
            self._entries[key] = by_region
        return self._entries[key]
