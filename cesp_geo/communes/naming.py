"""When are two spellings the same name: accents, case, hyphens, St/Saint, articles forgiven."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'"})
_ARTICLES = re.compile(r"^(?:l |le |la |les |los |las |lo )(?=\S)")
_SAINTS = re.compile(r"\bst(e?)(?=\s)")


def name_key(name: str) -> str:
    """Reduce a name to what identifies it.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        Lower-case ASCII words, without a leading article.

    Examples
    --------
    >>> name_key("L'Haÿ-les-Roses"), name_key("HAY LES ROSES"), name_key("St-Étienne")
    ('hay les roses', 'hay les roses', 'saint etienne')
    """
    folded = name.translate(_LIGATURES)
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", " ", plain.lower()).strip()
    words = _SAINTS.sub(r"saint\1", words)
    return _ARTICLES.sub("", words)
