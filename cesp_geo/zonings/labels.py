"""The labels that sources write for a class, and what each means."""

import re

from cesp_geo.communes import name_key

_LEAD = re.compile(r"^\d[a-z]?(?: |$)")
_MEANINGS = {
    "zip": "ZIP",
    "zone d intervention prioritaire": "ZIP",
    "zones d intervention prioritaire": "ZIP",
    "zac": "ZAC",
    "zone d action complementaire": "ZAC",
    "zones d action complementaire": "ZAC",
    "zar": "ZAR",
    "zone d accompagnement regional": "ZAR",
    "zv": "ZV",
    "zone de vigilance": "ZV",
    "vigilance": "ZV",
    "hz": "HZ",
    "hv": "HZ",
    "hc": "HZ",
    "hors zonage": "HZ",
    "hors zone": "HZ",
    "hors vivier": "HZ",
    "deficitaire": "DEFICITAIRE",
    "zone deficitaire": "DEFICITAIRE",
    "deficitaire mrs": "DEFICITAIRE_MRS",
    "fragile": "FRAGILE",
    "zone fragile": "FRAGILE",
    "tres sous dotee": "TRES_SOUS_DOTEE",
    "sous dotee": "SOUS_DOTEE",
    "intermediaire": "INTERMEDIAIRE",
    "tres dotee": "TRES_DOTEE",
    "sur dotee": "SUR_DOTEE",
    "surdotee": "SUR_DOTEE",
    "non prioritaire": "NON_PRIORITAIRE",
    "nc": "NC",
    "non classe": "NC",
    "n a": "NC",
    "n a resultat non disponible": "NC",
    "resultat non disponible": "NC",
}


def read_label(raw: str) -> tuple[str, str] | None:
    """Read a class as sources write it.

    Parameters
    ----------
    raw : str

    Returns
    -------
    tuple of str, or None
        Zone class and extent: ``part`` where only the QPV or grand quartier inside the unit is
        in the class. None for a label that is not understood.

    Examples
    --------
    >>> read_label("1 -Zone d'intervention prioritaire"), read_label("4_QPV_ZAC")
    (('ZIP', 'whole'), ('ZAC', 'part'))
    >>> read_label("ZIP+"), read_label("5b_Non_prioritaire"), read_label("peut-être")
    (('ZIP', 'whole'), ('NON_PRIORITAIRE', 'whole'), None)
    """
    words = _LEAD.sub("", name_key(raw.replace("_", " ").strip()))
    for prefix in ("qpv ", "gq "):
        if words.startswith(prefix) and words.removeprefix(prefix) in _MEANINGS:
            return _MEANINGS[words.removeprefix(prefix)], "part"
    if not words:
        return ("NC", "whole") if not raw.strip() else None
    return (_MEANINGS[words], "whole") if words in _MEANINGS else None
