"""Verdicts and reasons in French: the words every face shares."""

from collections.abc import Mapping

VERDICT_WORDS: Mapping[str, str] = {
    "eligible": "Éligible",
    "maintained": "Maintenu sur la liste nationale",
    "may_be_maintained": "Peut être maintenu sur la liste nationale",
    "not_eligible": "Non éligible",
    "undetermined": "Indéterminé",
}

POSSIBLE_WORDS: Mapping[str, str] = {
    "eligible": "éligible",
    "maintained": "maintenu",
    "may_be_maintained": "peut être maintenu",
    "not_eligible": "non éligible",
}

VERDICT_ORDER = ("eligible", "maintained", "may_be_maintained", "not_eligible", "undetermined")

CONFIDENCE_WORDS: Mapping[str, str] = {
    "A": "texte lu à la source",
    "B": "source partielle ou secondaire",
    "I": "lecture du programme, à confirmer",
}

REASON_WORDS: Mapping[str, str] = {
    "class_counts": "La classe du lieu ce jour-là ouvre au CESP.",
    "class_does_not_count": "La classe du lieu ce jour-là n'ouvre pas au CESP.",
    "outside_zoning": "Le zonage en vigueur ce jour-là ne retient pas ce lieu.",
    "eligible_on_list_day": "Le lieu est éligible le jour de publication de la liste.",
    "within_three_years": (
        "Le lieu a perdu sa classe depuis moins de trois ans à la publication de la liste : "
        "l'autorité peut l'y maintenir, sans y être tenue."
    ),
    "kept_on_list": "Une décision ou la liste elle-même maintient ce lieu.",
    "lost_too_long_ago": (
        "Le lieu n'a été éligible aucun jour connu des trois ans qui précèdent la liste."
    ),
    "window_not_known": (
        "Le lieu ne remplit pas les conditions ce jour-là, et rien ne dit s'il les a remplies dans "
        "les trois ans qui précèdent la liste."
    ),
    "no_list_rule_yet": "À la date de cette liste, la règle des trois ans n'existait pas encore.",
    "cesp_not_open": "Le CESP n'était pas encore ouvert à cette profession.",
    "before_cesp": "Le CESP n'existait pas encore ce jour-là.",
    "application_day_missing": (
        "Pour cette profession, le droit dépend du jour de la demande de contrat : "
        "indiquez-le avec --demande-le."
    ),
    "governing_zoning_not_found": (
        "Aucun texte trouvé ne dit quel zonage s'applique à cette profession."
    ),
    "nothing_recorded": "À la date de connaissance demandée, rien n'était enregistré.",
    "no_zoning_for_profession": "Aucun zonage de cette profession n'est chargé pour ce lieu.",
    "before_first_order": "Aucun arrêté de zonage n'est connu pour ce lieu à cette date.",
    "content_not_loaded": (
        "Un arrêté connu régit ce lieu à cette date, mais son contenu n'est pas chargé."
    ),
    "not_covered": (
        "Le zonage en vigueur n'est chargé qu'en partie, et ce lieu n'est pas dans la partie "
        "chargée."
    ),
    "to_confirm": "Le classement de ce lieu reste à confirmer dans la source.",
    "perimeter_not_loaded": (
        "Seule une partie de ce lieu est classée, et son périmètre n'est pas chargé."
    ),
    "subunits_differ": (
        "Des quartiers de ce lieu sont classés autrement que le reste, et rien ne dit si le "
        "site s'y trouve."
    ),
    "class_not_given": "C'est la classe de ce lieu qui manque : la source ne la donne pas.",
    "law_not_found": "Aucun texte trouvé ne dit si cette classe ouvre au CESP à cette date.",
    "effective_day_uncertain": (
        "Le jour d'effet de l'arrêté n'est connu qu'au mois ou à l'année près."
    ),
    "parts_differ": "Les parties de ce lieu n'ont pas toutes la même réponse.",
    "near_border": (
        "Le point est si près d'une limite, compte tenu de la précision des contours, que la "
        "réponse peut être celle de la commune voisine."
    ),
    "inseparable_group": (
        "Le point tombe dans d'anciennes communes dont les contours ne se distinguent plus, et "
        "elles n'ont pas la même réponse."
    ),
}

MENDS: Mapping[str, str] = {
    "content_not_loaded": "Importer le contenu de {order} : « cesp-geo zonages importer ».",
    "window_not_known": "Importer le zonage qui s'appliquait dans ces trois ans : {order}.",
    "not_covered": "Importer la table complète de {order}.",
    "to_confirm": "Faire confirmer par l'ARS le classement du lieu dans {order}.",
    "perimeter_not_loaded": "Importer les périmètres (couche SIG) de {order}.",
    "subunits_differ": (
        "Donner le point exact du site, et importer les périmètres des quartiers de {order}."
    ),
    "class_not_given": "Demander à l'ARS la classe de ce lieu dans {order}.",
    "law_not_found": "Demander à l'ARS le texte qui lie cette classe au CESP.",
    "before_first_order": "Importer le zonage qui s'appliquait alors.",
    "no_zoning_for_profession": "Importer le zonage de cette profession.",
    "effective_day_uncertain": "Retrouver le jour d'effet exact de {order}.",
    "parts_differ": "Donner le point exact du site (latitude,longitude).",
    "near_border": "Vérifier l'adresse exacte (cadastre) : de quel côté de la limite est le site ?",
    "inseparable_group": "Donner la commune par son nom ou son code plutôt que par un point.",
    "application_day_missing": "Ajouter le jour de la demande (--demande-le).",
    "governing_zoning_not_found": "Interroger l'ARS ou l'autorité de gestion.",
    "nothing_recorded": "Demander une date de connaissance plus récente (--connu-le).",
}


def kilometres(metres: float) -> str:
    """Give a distance as a person reads it.

    Examples
    --------
    >>> kilometres(12_340)
    '12,3 km'
    """
    return f"{metres / 1000:.1f} km".replace(".", ",")
