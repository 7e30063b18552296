"""What a verdict takes for granted, in French: readings of the program, and what is not known."""

from collections.abc import Iterator
from datetime import date

from cesp_geo import communes
from cesp_geo.communes import Commune
from cesp_geo.siting.explanation import Case
from cesp_geo.siting.orders import name_order
from cesp_geo.zonings.model import Zoning
from cesp_geo.zonings.track import Spell, reading_codes


def assumptions(case: Case) -> Iterator[str]:
    """Say in French what a verdict takes for granted, one sentence each."""
    spells = [spell for spell in case.decisive if spell]
    for spell in spells:
        order = case.order_of(spell.given_by)
        basis = {
            "signed": "Aucun jour d'effet ni de publication n'étant connu, l'arrêté est "
            "réputé prendre effet le jour de sa signature (lecture du programme).",
            "published": "L'arrêté est réputé prendre effet dès sa publication (FAQ DGOS).",
        }.get(order.effect_basis)
        if basis:
            yield basis
            break
    if spells:
        yield (
            "Le calendrier des arrêtés est supposé complet depuis le premier arrêté connu "
            "de la région ; un arrêté reste en vigueur tant qu'aucun autre ne le remplace."
        )
    yield from dict.fromkeys(_inferred_classes(case))
    if any(not spell.own for spell in spells):
        yield (
            "Le territoire de vie-santé relève de l'ARS d'une autre région, et l'arrêté de "
            "la région de la commune ne dit pas autre chose."
        )
    asked = case.place.foci[0].subunit
    if not asked and any(_lacks_quarters(case, spell) for spell in spells):
        yield (
            "Aucune table de QPV n'est chargée pour ce zonage : un quartier de la commune pourrait "
            "y être classé autrement."
        )
    if case.place.is_point:
        yield (
            f"Les contours sont exacts à {communes.POSITIONAL_ACCURACY_M:.0f} m près ; les "
            "échanges de terrains entre communes ne sont pas connus."
        )
    if case.inputs.list_published_on:
        yield (
            "La liste nationale est dressée d'après les besoins des ARS (lieux, "
            "spécialités, postes) : le zonage seul dit quels lieux peuvent y figurer."
        )
    if case.inputs.contract_signed_on:
        yield (
            "Le zonage en vigueur à la signature du contrat ne donne pas de droit par "
            "lui-même (lecture du programme)."
        )
    yield "Ceci prépare une décision et n'en est pas une."


def _lacks_quarters(case: Case, spell: Spell) -> bool:
    """Whether an order of the reform is held without any quarter."""
    files = list(case.files(spell)) if spell.order_id in case.catalogue.zonings else []
    reform = any(item.order.regime.startswith("arrete-") for item in files)
    return reform and not any(item.by_subunit for item in files)


def _inferred_classes(case: Case) -> Iterator[str]:
    """The classes that no order states for the place itself."""
    for part in (*case.parts, *case.near):
        holder = communes.commune_on(part.elit, case.decisive_day)
        for spell in part.judgement.bearing if case.by_list else part.on_day.on:
            zoning = spell and case.catalogue.zonings.get(spell.given_by)
            if not (spell and zoning and holder):
                continue
            if spell.standing.zone_class == "HZ" and not case.designation(zoning, part):
                yield _complete_words(zoning)
            if left := _left_commune(zoning, part.elit, holder):
                yield (
                    f"{holder.name} a été rétablie depuis ce zonage : elle y garde la classe "
                    f"de la commune qu'elle a quittée, {left.name} (lecture du programme)."
                )


def _left_commune(zoning: Zoning, elit: int, holder: Commune) -> Commune | None:
    """The commune whose class a restored one keeps: the one it left since the zoning's table."""
    then = communes.commune_on(elit, date(zoning.millesime, 1, 1))
    restored = then is not None and set(holder.elits) < set(then.elits)
    inherits = reading_codes(zoning, elit, holder)[-1] != holder.code
    return then if restored and inherits else None


def _complete_words(zoning: Zoning) -> str:
    """Say on what it rests that an order names all its zones."""
    order = name_order(zoning.order)
    declared = "*" in zoning.exhaustive
    where = "" if declared else " dans ce département"
    basis = "déclaré à l'import" if declared else "lecture du programme, à confirmer"
    return (
        f"{order[0].upper()}{order[1:]} est réputé nommer toutes ses zones{where}, et un lieu "
        f"qu'il ne nomme pas est hors zonage ({basis}). {zoning.coverage_note}"
    ).rstrip()
