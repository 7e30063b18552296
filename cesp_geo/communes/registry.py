"""Find a commune by what a person types: code, name, name and département, postcode and name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache

from cesp_geo.communes import store
from cesp_geo.communes.model import Commune
from cesp_geo.communes.naming import name_key
from cesp_geo.dates import Period, french_day
from cesp_geo.errors import AmbiguousPlace, UnknownPlace

_CODE = re.compile(r"\d{5}|2[AB]\d{3}", re.IGNORECASE)
_POSTCODE_NAME = re.compile(r"(\d{4,5})\s+(\D.*)")
_NAME_PLACE = re.compile(r"(.+?)\s*\(([^()]+)\)")
_QUARTER = re.compile(r"(paris|lyon|marseille) (\d{1,2})(?:er|e|eme|ieme)?(?: arr.*)?")
_MOST_LISTED = 12


def find(text: str, day: date) -> Commune:
    """Find the commune, or municipal arrondissement, of a day.

    Parameters
    ----------
    text : str
        INSEE code; name (accents, case, hyphens, ``St``/``Saint`` and articles forgiven);
        ``"Saint-Denis (974)"`` with a département's code or name; ``"93200 Saint-Denis"``
        (``"75015 Paris"`` is an arrondissement); or a postcode that one commune alone has.
    day : datetime.date

    Returns
    -------
    Commune

    Raises
    ------
    AmbiguousPlace
        If several match, or bore that name on another day: they are listed, none is chosen.
    UnknownPlace
        If none does: the message says what stood there that day, or suggests near names.

    Examples
    --------
    >>> find("st denis (93)", date(2013, 6, 1)).code
    '93066'
    >>> find("01400 L'Abergement-Clémenciat", date(2024, 1, 1)).code
    '01001'
    """
    typed = text.strip()
    if not typed:
        raise UnknownPlace(
            "Aucun lieu indiqué. Donnez un code INSEE, un nom ou « latitude,longitude »."
        )
    if _CODE.fullmatch(typed):
        return _by_digits(typed.upper(), day)
    if match := _POSTCODE_NAME.fullmatch(typed):
        postcode = match[1].zfill(5)
        found = [item for item in _named(match[2], day) if postcode in _postcodes(item)]
        codes = {item.code for item in found}
        inside = [item for item in with_postcode(postcode, day) if item.parent in codes]
        return _only(inside or found, typed, day, f"« {match[2]} » au code postal {postcode}")
    if (match := _NAME_PLACE.fullmatch(typed)) and not _named(typed, day):
        found = [item for item in _named(match[1], day) if _lies_in(item, match[2])]
        return _only(found, match[1], day, f"« {match[1]} » dans « {match[2]} »")
    return _only(_named(typed, day), typed, day, f"« {typed} »")


def ever(text: str) -> tuple[Commune, ...]:
    """Give every record that a code, or a name, ever had, in order of days.

    Examples
    --------
    >>> [item.code for item in ever("Pierrefitte-sur-Seine")]
    ['93059']
    """
    typed = text.strip()
    found = store.of_code(typed.upper()) or _of_name(name_key(typed))
    return tuple(sorted(found, key=lambda item: item.period.start))


def _by_digits(code: str, day: date) -> Commune:
    if (found := store.by_code(code, day)) is not None:
        return found
    if past := store.of_code(code):
        stood = _stood_there(f"Le code {code} ({past[-1].name})", past, day)
        also = _listed(other_readings(code, day))
        raise UnknownPlace(f"{stood} C'est aussi le code postal de : {also}." if also else stood)
    if of_postcode := with_postcode(code, day):
        return _only(of_postcode, code, day, f"« {code} » (code postal)")
    delegated = store.connection().execute(
        "SELECT name, parent FROM deleguees WHERE code = ?", (code,)
    )
    for name, parent in delegated:
        past = store.of_code(parent)
        raise UnknownPlace(
            f"{code} est le code de {name}, commune déléguée ou associée de "
            f"{past[-1].name} ({parent}). Demandez {parent}, ou le nom de la commune d'alors."
        )
    raise UnknownPlace(
        f"Code inconnu : {code}. Vérifiez les cinq chiffres, ou donnez le nom de la commune."
    )


def with_postcode(postcode: str, day: date) -> tuple[Commune, ...]:
    """Give the communes of a day that have a postcode, by code; the arrondissements of a split one.

    Examples
    --------
    >>> [item.name for item in with_postcode("13001", date(2024, 1, 1))]
    ['Marseille 1er Arrondissement']
    """
    known = store.connection().execute(
        "SELECT DISTINCT code FROM postcodes WHERE postcode = ? ORDER BY code", (postcode,)
    )
    of_day = [item for (own,) in known if (item := store.by_code(own, day)) is not None]
    split = {item.parent for item in of_day if item.kind == "arrondissement_municipal"}
    return tuple(item for item in of_day if item.code not in split)


def other_readings(text: str, day: date) -> tuple[Commune, ...]:
    """Give what else five digits may mean, where :func:`find` reads them as an INSEE code.

    Parameters
    ----------
    text : str
        What was typed.
    day : datetime.date

    Returns
    -------
    tuple of Commune
        The communes or municipal arrondissements of that postcode, other than the one of that
        INSEE code; empty where the text can be read in one way only.

    Examples
    --------
    >>> find("13001", date(2024, 1, 1)).name
    'Aix-en-Provence'
    >>> [item.name for item in other_readings("13001", date(2024, 1, 1))]
    ['Marseille 1er Arrondissement']
    """
    code = text.strip().upper()
    if not _CODE.fullmatch(code) or not store.of_code(code):
        return ()
    return tuple(item for item in with_postcode(code, day) if item.code != code)


def _named(name: str, day: date) -> list[Commune]:
    """What bore a name, on any day; written exactly so, where that is a commune of the day."""
    key = name_key(name)
    if "(" not in name and (match := _QUARTER.fullmatch(key)):
        number = int(match[2])
        key = f"{match[1]} {number}{'er' if number == 1 else 'e'} arrondissement"
    found = _of_name(key)
    literal = [item for item in found if item.name.casefold() == name.strip().casefold()]
    return literal if any(day in item.period for item in literal) else found


def _of_name(key: str) -> list[Commune]:
    codes = store.connection().execute(
        "SELECT DISTINCT code FROM communes WHERE name_key = ? ORDER BY code", (key,)
    )
    return [item for (code,) in codes for item in store.of_code(code) if name_key(item.name) == key]


def _postcodes(commune: Commune) -> tuple[str, ...]:
    """Its own, and those of the codes its parts bear today (a merged commune keeps them)."""
    codes = {commune.code, *(store.tenures(elit)[-1].code for elit in commune.elits)}
    return tuple(postcode for code in codes for postcode in store.postcodes(code))


def _lies_in(commune: Commune, where: str) -> bool:
    departement = store.departements().get(commune.departement, "")
    region = store.regions().get(commune.region, "")
    return where.strip().upper() == commune.departement or name_key(where) in (
        name_key(departement),
        name_key(region),
    )


def _only(records: Sequence[Commune], typed: str, day: date, asked: str) -> Commune:
    """The one commune of a day among records of any day; no other may have borne the name."""
    found = [item for item in records if day in item.period]
    own = {elit for item in found for elit in item.elits}
    renamed = [item for item in records if own.isdisjoint(item.elits)]
    if len(found) == 1 and not renamed:
        return found[0]
    if found:
        raise AmbiguousPlace(
            f"Plusieurs lieux répondent à {asked} : {_listed(found)}{_renamed(renamed, day)}. "
            "Précisez, par exemple "
            f"« {found[0].name} ({found[0].departement}) » ou le code {found[0].code}."
        )
    if records:
        raise UnknownPlace(_stood_there(asked, records, day))
    near = suggest(typed, day)
    hint = f" Lieux proches : {', '.join(near)}." if near else ""
    raise UnknownPlace(
        f"Aucune commune ne répond à {asked} le {french_day(day)}.{hint} Vérifiez "
        "l'orthographe, ou donnez le code INSEE."
    )


def _renamed(records: Iterable[Commune], day: date) -> str:
    """Say which communes of a day hold those that bore a name on another day."""
    return "".join(
        f" ; ou {item.name} ({item.departement}), nom d'un autre jour : le {french_day(day)}, "
        f"{_listed(_holders([item], day))}"
        for item in {item.code: item for item in records}.values()
    )


def _holders(records: Iterable[Commune], day: date) -> list[Commune]:
    """The communes that hold, on a day, the parts of communes of another day."""
    held = (store.commune_on(elit, day) for item in records for elit in item.elits)
    return list({item.code: item for item in held if item}.values())


def _stood_there(subject: str, past: Iterable[Commune], day: date) -> str:
    """Say which communes held, on the day asked, the parts of a commune of another day."""
    return (
        f"{subject} n'existait pas le {french_day(day)}. Ce jour-là, le lieu était : "
        f"{_listed(_holders(past, day))}. Demandez l'un d'eux, ou un autre jour."
    )


def _listed(found: Sequence[Commune]) -> str:
    names = [f"{item.name} ({item.departement}, code {item.code})" for item in found]
    more = f" et {len(names) - _MOST_LISTED} autres" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def suggest(text: str, day: date, limit: int = 3) -> list[str]:
    """Suggest names near a misspelt one, among the communes of a day; it never decides."""
    found: dict[str, None] = {}
    for key in _near(name_key(text)):
        for label, period in _labels()[key]:
            if day in period:
                found[label] = None
        if len(found) >= limit:
            break
    return list(found)[:limit]


@lru_cache(maxsize=65536)
def _near(key: str) -> tuple[str, ...]:
    """Names of any day near a misspelt one, nearest first."""
    from rapidfuzz import fuzz, process

    found = process.extract(key, list(_labels()), scorer=fuzz.ratio, limit=None, score_cutoff=70)
    return tuple(name for name, _, _ in found)


@cache
def _labels() -> Mapping[str, tuple[tuple[str, Period], ...]]:
    """Under each name: the communes that ever bore it, and when."""
    records = store.connection().execute(
        'SELECT name_key, name, departement, start, "end" FROM communes ORDER BY code, start'
    )
    found: dict[str, list[tuple[str, Period]]] = {}
    for key, name, departement, start, end in records:
        period = Period(date.fromisoformat(start), date.fromisoformat(end) if end else None)
        found.setdefault(key, []).append((f"{name} ({departement})", period))
    return {key: tuple(items) for key, items in found.items()}
