"""From what a file says to versions of the catalogue: one per deciding region and order."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from cesp_geo import communes
from cesp_geo.dates import DayRange
from cesp_geo.errors import TableError, ZoningError
from cesp_geo.zonings.labels import read_label
from cesp_geo.zonings.manifest import make_zoning
from cesp_geo.zonings.millesimes import choose_millesime, millesime_fits
from cesp_geo.zonings.model import (
    PROFESSIONS,
    UNIT_TYPES,
    ZONE_CLASSES,
    Designation,
    Order,
    Source,
    Zoning,
)
from cesp_geo.zonings.quarters import Quarters, communes_said, communes_under
from cesp_geo.zonings.readers.layers import perimeters_file
from cesp_geo.zonings.readers.tables import Reading, Row


@dataclass(frozen=True, slots=True)
class About:
    """What the person who imports says of the order; a dated national table says it itself.

    ``amending`` orders rule only the units they name. ``complete`` orders name all their
    zones: in their region, what they do not name is outside.
    """

    profession: str = "medecin"
    region: str | None = None
    number: str = ""
    signed: DayRange | None = None
    published: DayRange | None = None
    effective: DayRange | None = None
    regime: str = "autre"
    source: str = ""
    licence: str = ""
    href: str = ""
    millesime: int | None = None
    amending: bool = False
    complete: bool = False
    corrects: str | None = None


@dataclass
class Import:
    """What an import would record, and what it noticed.

    Attributes
    ----------
    drafts : list of Zoning
    millesime : int
    fits : mapping of int to float
        Share of the commune codes that each millésime knows.
    problems : list of str
        Lines that could not be placed; nothing is recorded unless they are accepted.
    notes : list of str
    warnings : list of str
        What makes answers less sure although it is recorded.
    """

    drafts: list[Zoning] = field(default_factory=list)
    millesime: int = 0
    fits: Mapping[int, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    perimeters: dict[str, bytes] = field(default_factory=dict)


def prepare(
    reading: Reading,
    about: About,
    recorded_on: date,
    held: Collection[Zoning] = (),
    calendar: Collection[Order] = (),
) -> Import:
    """Make the versions that a reading gives; nothing is written.

    Parameters
    ----------
    reading : Reading
    about : About
    recorded_on : datetime.date
    held : collection of Zoning
        Versions already recorded: they say which communes a TVS or a quarter is made of.
    calendar : collection of Order
        Known orders: one of the same day whose content is not held is told.

    Returns
    -------
    Import

    Raises
    ------
    ZoningError
        If no day of the order is known or its days contradict each other, the codes are those
        of a year later than the order, the region given is not that of the codes, or the
        address is none.
    TableError
        If two lines contradict each other.
    """
    if about.profession not in PROFESSIONS:
        raise ZoningError(
            f"Profession inconnue : « {about.profession} ». Choisissez parmi : "
            f"{', '.join(PROFESSIONS)}."
        )
    if about.href and not re.fullmatch(r"https?://[^\s<>\"]+", about.href):
        raise ZoningError(
            f"« {about.href} » n'est pas l'adresse d'un texte. Donnez-la entière, https://… ."
        )
    result = Import(problems=list(reading.problems), notes=list(reading.notes))
    _check_days(about, result)
    rows = list(_spread(reading.rows, held, result))
    result.fits = millesime_fits(
        code
        for row in rows
        for code in ((row.code,) if row.unit_type == "commune" else row.commune_codes)
    )
    if about.millesime:
        result.millesime = about.millesime
    else:
        result.millesime, note = choose_millesime(result.fits, _year(reading, about))
        result.notes += filter(None, [note])
    day = date(result.millesime, 1, 1)
    quarters = Quarters(held, day)
    groups: dict[tuple[str, str, date | None], dict[str, tuple[Row, Designation]]] = {}
    for row in rows:
        designation = _designation(row, day, result)
        if designation is None:
            continue
        if designation.is_subunit and not designation.commune_codes and row.geometry is None:
            designation = quarters.placed(designation)
        region = row.region or about.region or _region_of(designation, day)
        key = (row.profession or about.profession, region, row.dated)
        units = groups.setdefault(key, {})
        first = units.setdefault(designation.unit_code, (row, designation))
        if first[1].zone_class != designation.zone_class:
            raise TableError(
                f"Lignes {first[0].line} et {row.line} : {designation.unit_code} a deux classes "
                f"({first[0].raw_label}, {row.raw_label}). Corrigez la table."
            )
        around = tuple(sorted({*first[1].commune_codes, *designation.commune_codes}))
        units[designation.unit_code] = first[0], first[1]._replace(commune_codes=around)
    result.notes += quarters.notes()
    result.warnings += quarters.warnings()
    if about.region:
        _refuse_elsewhere(about.region, groups, day)
    for (profession, region, dated), units in sorted(groups.items(), key=str):
        order = _order(about, profession, region, dated)
        drawn = {
            code: (item.unit_type, row.geometry)
            for code, (row, item) in units.items()
            if row.geometry is not None
        }
        perimeters = perimeters_file(drawn) if drawn else None
        items = [item for _, item in units.values()]
        draft = _draft(order, items, about, reading, result, recorded_on, perimeters)
        result.drafts.append(draft)
        result.notes += (
            f"complète {item.id} : le même arrêté, d'autres mailles."
            for item in held
            if item.order.same_as(order)
            and {unit.unit_code for unit in item.designations}.isdisjoint(units)
        )
        result.warnings += _ruled_out(order, calendar, held)
        if perimeters:
            result.perimeters[draft.id] = perimeters
    if not result.drafts and not result.problems:
        raise TableError("Aucune maille classée dans ce fichier.")
    return result


def _ruled_out(order: Order, calendar: Iterable[Order], held: Collection[Zoning]) -> Iterator[str]:
    """Say which unread order of the same day prevails over one that is not known to be it."""
    for known in calendar:
        if (known.region, known.profession) != (order.region, order.profession):
            continue
        if known.takes_effect != order.takes_effect or known.same_as(order):
            continue
        if not any(known.same_as(item.order) for item in held):
            number = f"--arrete {known.number}" if known.number else ""
            signed = f"--signe-le {known.signed.iso}" if known.signed else ""
            yield (
                f"Le calendrier connaît un arrêté du même jour ({known.takes_effect}) dont le "
                "contenu manque : il l'emporte sur ce fichier. Si c'est celui de ce fichier, "
                f"importez-le avec {number or signed}."
            )


def communes_of_tvs(zonings: Iterable[Zoning]) -> dict[str, tuple[str, ...]]:
    """Give the communes of each TVS, as far as loaded versions say it."""
    found: dict[str, set[str]] = defaultdict(set)
    for zoning in zonings:
        for code, item in zoning.by_commune.items():
            if item.tvs_code:
                found[item.tvs_code].add(code)
    return {code: tuple(sorted(codes)) for code, codes in found.items()}


def _spread(rows: Sequence[Row], held: Iterable[Zoning], result: Import) -> Iterator[Row]:
    """Spread a table that classes TVS over their communes."""
    tvs = communes_of_tvs(held) if any(row.unit_type == "tvs" for row in rows) else {}
    for row in rows:
        if row.unit_type != "tvs":
            yield row
        elif row.code not in tvs:
            result.problems.append(
                f"ligne {row.line} : les communes du territoire de vie-santé {row.code} ne sont "
                "pas connues. Importez d'abord une table qui donne le TVS de chaque commune."
            )
        else:
            for code in tvs[row.code]:
                yield replace(
                    row,
                    unit_type="commune",
                    code=code,
                    name="",
                    tvs_code=row.code,
                    tvs_name=row.name,
                    designated_by="tvs",
                )


def _year(reading: Reading, about: About) -> int:
    """The year of the order, or of the table that gathers several."""
    days = [row.dated for row in reading.rows if row.dated]
    if stated := about.effective or about.published or about.signed:
        days.append(stated.last)
    return (reading.as_of or max(days, default=date.max)).year


def _check_days(about: About, result: Import) -> None:
    signed, published, effective = about.signed, about.published, about.effective
    if signed and published and published.last < signed.first:
        raise ZoningError(
            f"L'arrêté serait publié ({published}) avant d'être signé ({signed}). Corrigez "
            "--signe-le ou --publie-le."
        )
    if (stated := published or signed) and effective and effective.last < stated.first:
        result.notes.append(
            f"arrêté rétroactif : il prend effet ({effective}) avant d'être "
            f"{'publié' if published else 'signé'} ({stated})."
        )


def _designation(row: Row, day: date, result: Import) -> Designation | None:
    if row.own is not None:
        if row.own.zone_class in ZONE_CLASSES and row.own.unit_type in UNIT_TYPES:
            return row.own
        result.problems.append(f"ligne {row.line} : maille ou classe inconnue pour {row.code}.")
        return None
    read = read_label(row.raw_label)
    if read is None:
        result.problems.append(
            f"ligne {row.line} ({row.code}) : classe « {row.raw_label} » inconnue."
        )
        return None
    zone_class, extent = read
    if row.unit_type != "commune":
        return Designation(
            row.unit_type,
            row.code,
            row.name,
            zone_class,
            row.raw_label,
            commune_codes=communes_said(row, day, result.problems) or communes_under(row, day),
        )
    commune = communes.by_code(row.code, day)
    if commune is None:
        past = communes.of_code(row.code)
        heirs = {item.code: item for old in past[-1:] for item in communes.counterparts(old, day)}
        if len(heirs) != 1:
            result.problems.append(
                f"ligne {row.line} : le code {row.code} n'existe pas au millésime {day.year}."
            )
            return None
        commune = next(iter(heirs.values()))
        if past[-1].elits != commune.elits:
            result.problems.append(
                f"ligne {row.line} : {row.code} ({past[-1].name}) n'est qu'une partie de "
                f"{commune.name} ({commune.code}) au millésime {day.year}. Indiquez --cog."
            )
            return None
        result.notes.append(f"ligne {row.line} : {row.code} lu comme {commune.code}.")
    return Designation(
        commune.kind,
        commune.code,
        row.name or commune.name,
        zone_class,
        row.raw_label,
        extent=extent,
        tvs_code=row.tvs_code,
        tvs_name=row.tvs_name,
        designated_by=row.designated_by,
    )


def _region_of(item: Designation, day: date) -> str:
    if item.unit_type == "qpv" and not item.commune_codes:
        departement = item.unit_code[2:5].lstrip("0").zfill(2)
        return communes.region_of_departement().get(departement, "")
    code = next(iter(item.commune_codes), item.unit_code)
    commune = communes.by_code(code, day)
    return communes.tenures(commune.elits[0])[-1].region if commune else ""


def _refuse_elsewhere(
    region: str,
    groups: Mapping[tuple[str, str, date | None], Mapping[str, tuple[Row, Designation]]],
    day: date,
) -> None:
    names = communes.regions()
    if region not in names:
        known = ", ".join(f"{code} {name}" for code, name in names.items())
        raise ZoningError(f"Région inconnue : « {region} ». Codes : {known}.")
    lie = Counter(_region_of(item, day) for units in groups.values() for _, item in units.values())
    del lie[""]
    if lie and lie[region] < sum(lie.values()) / 2:
        most = names.get(lie.most_common(1)[0][0], "une autre région")
        raise ZoningError(
            f"La plupart des mailles sont en {most}, pas en {names[region]}. Corrigez --region."
        )


def _order(about: About, profession: str, region: str, dated: date | None) -> Order:
    signed = DayRange(dated, dated) if dated else about.signed
    if not (signed or about.published or about.effective):
        raise ZoningError(
            "Il manque un jour de l'arrêté : indiquez --effet-le, --publie-le ou --signe-le."
        )
    return Order(
        region=region,
        profession=profession,
        regime=_regime_on(profession, dated) if dated else about.regime,
        number=about.number,
        signed=signed,
        published=about.published,
        effective=about.effective,
        source=about.source,
    )


def _regime_on(profession: str, signed: date) -> str:
    """The text in force on the day of an order that a national table dates."""
    if profession != "medecin":
        return "autre"
    texts = (
        (date(2025, 5, 9), "arrete-2025"),
        (date(2021, 10, 14), "arrete-2021"),
        (date(2017, 11, 16), "arrete-2017"),
    )
    return next((name for start, name in texts if signed >= start), "sros")


def _draft(
    order: Order,
    designations: Sequence[Designation],
    about: About,
    reading: Reading,
    result: Import,
    recorded_on: date,
    perimeters: bytes | None,
) -> Zoning:
    items = sorted(designations, key=lambda item: (item.unit_type, item.unit_code))
    codes = {code for item in items for code in item.commune_codes or (item.unit_code,)}
    dated = reading.as_of is not None
    region = communes.regions().get(order.region, order.region)
    return make_zoning(
        order=order,
        title=f"{region}, {order.takes_effect} : {PROFESSIONS[order.profession]}",
        millesime=result.millesime,
        scope="units" if about.amending or dated else "region",
        designations=items,
        departements=sorted(
            {
                code[:3] if code.startswith(("97", "98")) else code[:2]
                for code in codes
                if code[:1] != "Q"
            }
        ),
        recorded_on=recorded_on,
        exhaustive=("*",) if about.complete else (),
        as_of=reading.as_of,
        corrects=about.corrects,
        perimeters=perimeters,
        sources=[Source(about.source or reading.shape, about.href, about.licence)],
    )


def summary(reading: Reading, result: Import) -> Mapping[str, object]:
    """Sum up what was understood: rows, units, classes with their raw labels, millésime."""
    labels: dict[str, list[str]] = defaultdict(list)
    for raw, count in sorted(reading.labels.items()):
        read = read_label(raw)
        labels[read[0] if read else "?"].append(f"{raw or '(vide)'} : {count}")
    return {
        "forme": reading.shape,
        "lignes": len(reading.rows),
        "classes": dict(labels),
        "millesime": result.millesime,
        "adequation": result.fits,
        "versions": [
            {"id": item.id, "region": item.region, "mailles": len(item.designations)}
            for item in result.drafts
        ],
        "notes": result.notes,
        "avertissements": result.warnings,
        "problemes": result.problems,
    }
