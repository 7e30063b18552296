"""What can go wrong for a user: one French message that says what, where and how to mend it."""

import errno


class CespGeoError(Exception):
    """Base of every error that a user can cause or meet; its text is the French message.

    Attributes
    ----------
    field : str or None
        What it is about, where a face that has fields says it.
    """

    field: str | None = None


class DateError(CespGeoError):
    """A day that does not exist, or that can be read in two ways."""


class PlaceError(CespGeoError):
    """A place that cannot be resolved on the day asked."""


class UnknownPlace(PlaceError):
    """No place of that name or code on that day."""


class AmbiguousPlace(PlaceError):
    """Several places answer to that name: they are listed, none is chosen."""


class OutsideTerritory(PlaceError):
    """A point at sea, abroad, or that is no point at all."""


class DataError(CespGeoError):
    """An embedded or user data file is missing, corrupt or was edited."""


class UnsafeFile(CespGeoError):
    """A file that the one safe door refuses to open."""


class TableError(CespGeoError):
    """A table whose columns or rows cannot be understood."""


class ZoningError(CespGeoError):
    """An unknown, contradictory or already recorded zoning."""


class LawError(CespGeoError):
    """A legal parameter without value, day or reference, or a question the law does not know."""


class OutputError(CespGeoError):
    """A result that cannot be written where it was asked for."""


_SYSTEM = {
    errno.ENOENT: "ce chemin n'existe pas",
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EISDIR: "c'est un dossier",
    errno.ENOTDIR: "un dossier de ce chemin est un fichier",
    errno.ENAMETOOLONG: "le nom est trop long",
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "votre quota de disque est atteint",
    errno.EROFS: "ce disque est en lecture seule",
    errno.EIO: "le disque répond mal",
    errno.EMFILE: "trop de fichiers sont ouverts",
    errno.ECONNREFUSED: "la connexion est refusée",
    errno.ECONNRESET: "la connexion a été coupée",
    errno.ENETUNREACH: "le réseau ne répond pas",
    errno.EHOSTUNREACH: "le réseau ne répond pas",
    errno.EADDRINUSE: "il est déjà pris",
    errno.EADDRNOTAVAIL: "ce n'est pas une adresse de cet ordinateur",
}


def system_reason(error: OSError) -> str:
    """Say in French why the system refused.

    Examples
    --------
    >>> system_reason(PermissionError(13, "Permission denied"))
    'accès refusé'
    """
    return _SYSTEM.get(error.errno or 0) or f"erreur du système : {error.strerror or error}"
