"""Places that an earlier list or a decision names by a code: read on the day they were written."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.dates import french_day
from cesp_geo.siting.eligibility import NOT_ELIGIBLE, UNDETERMINED
from cesp_geo.zonings.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Mention:
    """A code that a table names, and the day on which it was written; None where not known.

    ``status`` is that of a table of places that may be listed, empty in a list.
    """

    code: str
    day: date | None = None
    line: int = 0
    table: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person should check about a line of a table, in French."""

    table: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """The places that mentions name: parts of communes, and units inside communes by code."""

    elits: frozenset[int] = frozenset()
    units: frozenset[str] = frozenset()
    remarks: tuple[Remark, ...] = ()

    def among(self, elits: Collection[int], unit: str = "") -> frozenset[int]:
        """Give those of some parts that are named; all or none of a unit inside communes."""
        if unit:
            return frozenset(elits) if unit in self.units else frozenset()
        return self.elits.intersection(elits)


def read_mentions(
    mentions: Iterable[str | Mention], catalogue: Catalogue, published_on: date
) -> Named:
    """Read codes on the day each was written, that of the list where it is not known.

    What was decided after the list has no effect. A code that no commune bore that day is read
    as the last commune that bore it, and a lost leading zero is restored, where that leaves no
    doubt. All of these are remarked, as is a code that names no place. A table of places that may
    be listed lists those that may: not those that are undetermined, or not eligible.

    Parameters
    ----------
    mentions : iterable of str or Mention
    catalogue : Catalogue
        Whose versions say which units lie inside communes.
    published_on : datetime.date

    Returns
    -------
    Named

    Examples
    --------
    >>> named = read_mentions(["93008", "99999"], Catalogue.load(), date(2024, 1, 1))
    >>> len(named.elits), named.remarks[0].text
    (1, 'le code « 99999 » ne désigne aucun lieu connu. Vérifiez-le.')
    """
    elits: set[int] = set()
    units: set[str] = set()
    remarks = []
    unlisted: list[Mention] = []
    for item in mentions:
        mention = item if isinstance(item, Mention) else Mention(item)
        if mention.status in (NOT_ELIGIBLE, UNDETERMINED):
            unlisted.append(mention)
            continue
        mention = replace(mention, code=mention.code.strip().upper())
        said = ""
        if mention.day and mention.day > published_on:
            said = f"décision postérieure à la liste ({french_day(mention.day)}) : sans effet."
        elif catalogue.designating(mention.code):
            units.add(mention.code)
        else:
            commune, said = _commune(mention.code, mention.day or published_on)
            elits.update(commune.elits if commune else ())
        if said:
            remarks.append(Remark(mention.table, mention.line, said))
    if unlisted:
        remarks.append(
            Remark(
                unlisted[0].table,
                unlisted[0].line,
                "tableau de lieux susceptibles d'être inscrits, et non une liste : "
                f"{len(unlisted)} de ses lignes, non éligibles ou indéterminées d'après "
                "statut_code, ne comptent pas comme inscrites.",
            )
        )
    return Named(frozenset(elits), frozenset(units), tuple(remarks))


def _commune(code: str, day: date) -> tuple[Commune | None, str]:
    if not code:
        return None, "aucun code. Complétez la ligne."
    if code[:2] in ("QN", "QP"):
        return None, (
            f"aucun zonage chargé ne classe le quartier {code}. Vérifiez le code, ou importez le "
            "zonage qui le classe."
        )
    whole = code.zfill(5)
    if (found := communes.by_code(whole, day)) is None and (past := communes.of_code(whole)):
        found = past[-1]
    if found is None:
        return None, f"le code « {code} » ne désigne aucun lieu connu. Vérifiez-le."
    said = []
    if whole != code:
        said.append(f"le zéro perdu de « {code} » est rétabli : {whole}")
    if day not in found.period:
        said.append(f"le code {whole} n'existait pas le {french_day(day)}")
    if not said:
        return found, ""
    return found, f"{', et '.join(said)}. Il est lu comme {found.name} ({whole}) : à vérifier."
