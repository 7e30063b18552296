"""The national list as files: csv, xlsx, GeoPackage, GeoParquet, GeoJSON."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.dates import french_day
from cesp_geo.law.parameters import Dated
from cesp_geo.outputs.files import refuse_suffix
from cesp_geo.outputs.geoparquet import write_geoparquet
from cesp_geo.outputs.tables import Table, write_tables
from cesp_geo.siting.list_rule import list_parameters
from cesp_geo.siting.listed import ListedPlace, NationalList, place_shapes
from cesp_geo.siting.policies import POLICIES, ProposedPlace
from cesp_geo.siting.proposals import DRAFT_TITLE, CheckedProposal
from cesp_geo.siting.words import CONFIDENCE_WORDS, VERDICT_WORDS
from cesp_geo.zonings.catalogue import Catalogue

if TYPE_CHECKING:
    import geopandas

COLUMNS = (
    "region",
    "departement",
    "maille",
    "code",
    "nom",
    "anciennement",
    "tvs",
    "classe",
    "statut",
    "statut_code",
    "possibles",
    "arrete",
    "dernier_jour_eligible",
    "arrete_dernier_jour",
    "maintenable_jusqu_au",
    "liste_precedente",
    "population",
    "regle",
    "confiance",
    "remarque",
)
PROPOSAL_COLUMNS = (
    "ligne", "place", "specialite", "mode", "postes", "etablissement", "region", "departement",
    "code", "nom", "classe", "statut", "statut_code", "arrete", "dernier_jour_eligible",
    "maintenable_jusqu_au", "raison", "a_verifier",
)  # fmt: skip
_FIELDS = ListedPlace._fields
SUFFIXES = (".csv", ".xlsx", ".gpkg", ".parquet", ".geojson")
_COLOURS = {
    "eligible": "#d5ecd4",
    "maintained": "#cfe3f5",
    "may_be_maintained": "#fdf0c4",
    "not_eligible": "#eeeeee",
    "undetermined": "#f0d9f2",
}
SHADES = {VERDICT_WORDS[status]: colour for status, colour in _COLOURS.items()}
_OTHER = "Autres territoires"
SHARED = (
    "Contour commun à plusieurs lignes, dont les parties ne se distinguent plus : ne le comptez "
    "qu'une fois."
)


def columns_of(listed: NationalList) -> dict[str, list[Any]]:
    """Give the list by columns, those of :data:`COLUMNS`."""
    fields = zip(*listed.places, strict=True) if listed.places else ((),) * len(_FIELDS)
    of = dict(zip(_FIELDS, map(list, fields), strict=True))
    regions = communes.regions()
    replay = _replay(listed)
    previous = {None: "", True: "oui", False: "non"}
    distinct = {id(rule): rule for rule in of["rule"]}
    rules = {key: _rule(rule) for key, rule in distinct.items()}
    several = {item: " ".join(item) if len(item) > 1 else "" for item in {*of["possible"]}}
    columns: list[list[Any]] = [
        [regions.get(code, "") for code in of["region"]],
        of["departement"],
        of["unit_type"],
        of["code"],
        of["name"],
        of["former"],
        of["tvs"],
        of["zone_class"],
        [VERDICT_WORDS[status] for status in of["status"]],
        of["status"],
        [several[item] for item in of["possible"]],
        of["order_id"],
        of["last_eligible_day"],
        of["last_order"],
        of["maintainable_until"],
        [previous[item] for item in of["on_previous_list"]],
        of["population"],
        [rules[id(rule)][0] for rule in of["rule"]],
        [rules[id(rule)][1] for rule in of["rule"]],
        of["remark"] if not replay else [f"{replay} {text}".strip() for text in of["remark"]],
    ]
    return dict(zip(COLUMNS, columns, strict=True))


def _rule(rule: Sequence[Dated]) -> tuple[str, str]:
    """References and confidence of the parameters that give a status."""
    references = dict.fromkeys(item.reference for item in rule)
    return "; ".join(references), " ".join(dict.fromkeys(item.confidence for item in rule))


def title_of(listed: NationalList, draft: bool = False) -> str:
    """Give the title of a list, or of a checked draft; it says so where the rule is replayed."""
    title = DRAFT_TITLE if draft else listed.title
    replay = _replay(listed)
    return f"{title}. {replay}" if replay else title


def _replay(listed: NationalList) -> str:
    if not listed.replayed:
        return ""
    return f"Rejeu d'un paramètre ({' ; '.join(listed.replayed)}) : pas le droit."


def write_list(
    listed: NationalList,
    catalogue: Catalogue,
    target: Path,
    proposals: Sequence[CheckedProposal] | None = None,
) -> tuple[Path, ...]:
    """Write the list by the extension of its file; the same list gives the same bytes.

    With proposals it is the checked draft: a csv then has a line a proposal, and a workbook
    sets apart those that no zoning carries; a layer stays that of the places, and the lines go
    to a csv beside it.

    Parameters
    ----------
    listed : NationalList
    catalogue : Catalogue
        Whose sources are stated.
    target : pathlib.Path
        ``.csv``, ``.xlsx``, ``.gpkg``, ``.parquet`` or ``.geojson``.
    proposals : sequence of CheckedProposal, optional

    Returns
    -------
    tuple of pathlib.Path
        The files written.

    Raises
    ------
    OutputError
        If the extension is unknown or the file cannot be written.
    """
    refuse_suffix(target, SUFFIXES)
    suffix = target.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        if suffix == ".parquet":
            shapes = place_shapes(listed, catalogue)
            cells = _cells(listed, shapes)
            write_geoparquet(target, cells, shapes, {"population"}, title_of(listed))
        else:
            from cesp_geo.outputs.layers import write_layer

            layer = list_layer(listed, catalogue)
            write_layer(layer, target, "liste_nationale", title_of(listed))
        if proposals is None:
            return (target,)
        beside = proposals_beside(target)
        write_tables(beside, {"Projet": _proposals(proposals)})
        return target, beside
    title = title_of(listed, proposals is not None)
    sheets = {
        "Sources et paramètres": Table(("quoi", "valeur"), statements(listed, catalogue, title)),
        "Résumé": _summary(listed),
    }
    rows = list(zip(*columns_of(listed).values(), strict=True))
    flat = _places(rows)
    if proposals is not None:
        flat = _proposals(proposals)
        sheets["Projet de liste"] = _proposals([item for item in proposals if item.carried])
        sheets["À écarter ou à vérifier"] = _proposals(
            [item for item in proposals if not item.carried]
        )
    if listed.remarks:
        lines = [(item.table, item.line, item.text) for item in listed.remarks]
        sheets["À vérifier"] = Table(("fichier", "ligne", "remarque"), lines)
    by_region: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_region.setdefault(row[0] or _OTHER, []).append(row)
    sheets |= {region: _places(own) for region, own in by_region.items()}
    write_tables(target, sheets, flat=flat)
    return (target,)


def proposals_beside(target: Path) -> Path:
    """Give the csv of a checked draft whose list is a layer."""
    return target.with_name(f"{target.stem}.projet.csv")


def policy_target(target: Path, policy: str) -> Path:
    """Give the file of a proposal, beside the list.

    Examples
    --------
    >>> policy_target(Path("liste.gpkg"), "proposal_bordering_zones").name
    'liste.PROPOSITION-bordering_zones.csv'
    """
    name = policy.removeprefix("proposal_")
    suffix = target.suffix if target.suffix.lower() in (".csv", ".xlsx") else ".csv"
    return target.with_name(f"{target.stem}.PROPOSITION-{name}{suffix}")


def _places(rows: Sequence[tuple[Any, ...]]) -> Table:
    return Table(COLUMNS, rows, "statut", SHADES)


def _proposals(items: Iterable[CheckedProposal]) -> Table:
    regions = communes.regions()
    rows = [
        (
            item.proposal.line,
            item.proposal.place,
            item.proposal.specialty,
            item.proposal.mode,
            item.proposal.posts,
            item.proposal.establishment,
            regions.get(item.region, ""),
            item.departement,
            item.code,
            item.name,
            item.zone_class,
            VERDICT_WORDS[item.status],
            item.status,
            item.order_id,
            item.last_eligible_day,
            item.maintainable_until,
            item.reason,
            "; ".join(item.remarks),
        )
        for item in items
    ]
    return Table(PROPOSAL_COLUMNS, rows, "statut", SHADES)


def _summary(listed: NationalList) -> Table:
    regions = communes.regions()
    rows = [
        (regions.get(region, _OTHER), VERDICT_WORDS[status], number, people)
        for (region, status), (number, people) in listed.counts().items()
    ]
    return Table(("region", "statut", "lieux", "population"), rows, "statut", SHADES)


def statements(
    listed: NationalList, catalogue: Catalogue, title: str | None = None
) -> list[tuple[str, str]]:
    """State the parameters, sources and gaps of a list."""
    rule = listed.rule
    found = [
        ("Titre", title or title_of(listed)),
        ("Publiée le", french_day(listed.published_on)),
        ("Profession", listed.profession),
        ("Connu au", french_day(listed.known_on)),
        (
            "Règle appliquée",
            f"{rule.years} ans avant la publication, fenêtre « {rule.window} », premier jour "
            f"{'compris' if rule.first_day_counts else 'non compris'}"
            if rule
            else "aucun maintien : la règle des trois ans n'existait pas encore",
        ),
        *(("Rejeu", words) for words in listed.replayed),
        *((f"Droit, {item.id}", law_line(item)) for item in list_parameters(listed.published_on)),
        (
            "Portée",
            "La liste nationale est dressée d'après les besoins des ARS ; ce tableau dit "
            "seulement ce que les zonages permettent. Il prépare une décision.",
        ),
    ]
    ruling = {name for item in listed.places for name in (item.order_id, item.last_order)}
    used = sorted(ruling & catalogue.zonings.keys())
    for zoning_id in used:
        zoning = catalogue.zonings[zoning_id]
        source = " ; ".join(item.title for item in zoning.sources)
        found.append((f"Zonage {zoning_id}", f"{source} ; sha256 {zoning.sha256}"))
    found += [("Contenu manquant", order_id) for order_id in listed.missing]
    found += [(what, words) for what, words in gaps_of(listed)]
    return found


def gaps_of(listed: NationalList) -> Iterator[tuple[str, str]]:
    """Say what no order and no count tells."""
    regions = communes.regions()
    if listed.unordered:
        names = ", ".join(sorted(regions.get(code, _OTHER) for code in listed.unordered))
        yield "Régions sans arrêté connu un jour au moins de ceux qui comptent", names
    if listed.uncounted:
        yield (
            "Communes hors des totaux, leur population n'étant connue que depuis 2019",
            str(listed.uncounted),
        )


def law_line(item: Dated) -> str:
    """Give a parameter in one line: its title, value, reference and confidence."""
    value = {True: "oui", False: "non", None: "inconnu"}.get(item.value, item.value)
    confidence = f"confiance {item.confidence} : {CONFIDENCE_WORDS[item.confidence]}"
    return f"{item.title} = {value} ({item.reference} ; {confidence})"


def write_policy(
    listed: NationalList, found: Sequence[ProposedPlace], policy: str, target: Path
) -> Path:
    """Write what a proposal would add, in a file of its own beside the list.

    Parameters
    ----------
    listed : NationalList
    found : sequence of ProposedPlace
    policy : str
        A key of :data:`~cesp_geo.siting.policies.POLICIES`.
    target : pathlib.Path
        That of the list: ``liste.xlsx`` gives ``liste.PROPOSITION-….xlsx``; a layer gives csv.

    Returns
    -------
    pathlib.Path
        The file written.
    """
    path = policy_target(target, policy)
    warning = f"{POLICIES[policy]}. Ce n'est pas le droit : aucun de ces lieux n'y gagne un statut."
    regions = communes.regions()
    table = Table(
        ("region", "departement", "code", "nom", "statut_du_droit", "motif", "avertissement"),
        [
            (
                regions.get(item.place.region, ""),
                item.place.departement,
                item.place.code,
                item.place.name,
                VERDICT_WORDS[item.place.status],
                item.because,
                "proposition, pas le droit",
            )
            for item in found
        ],
    )
    head = Table(
        ("quoi", "valeur"),
        [("Avertissement", warning), ("Liste du", french_day(listed.published_on))],
    )
    write_tables(path, {"Avertissement": head, "Proposition": table}, flat=table)
    return path


def _cells(listed: NationalList, shapes: Sequence[bytes | None]) -> dict[str, list[Any]]:
    """The columns of a layer: days as ISO text, and a word on a shape that several rows share."""
    cells = columns_of(listed)
    for name in ("dernier_jour_eligible", "maintenable_jusqu_au"):
        texts = {day: day.isoformat() if day else "" for day in set(cells[name])}
        cells[name] = [texts[day] for day in cells[name]]
    rows = Counter(shapes)
    cells["remarque"] = [
        " ".join(filter(None, (remark, SHARED))) if shape and rows[shape] > 1 else remark
        for remark, shape in zip(cells["remarque"], shapes, strict=True)
    ]
    return cells


def list_layer(listed: NationalList, catalogue: Catalogue) -> "geopandas.GeoDataFrame":
    """Give the list as polygons of the communes of its day (EPSG:4326).

    A part of a commune has the shape of that part; a unit inside communes its perimeter, where
    a version of the catalogue brings it.
    """
    import geopandas as gpd

    shapes = place_shapes(listed, catalogue)
    geometry = gpd.GeoSeries.from_wkb(shapes, crs="EPSG:4326")
    frame = gpd.GeoDataFrame(_cells(listed, shapes), geometry=geometry)
    frame["population"] = frame["population"].astype("Int64")
    return frame
