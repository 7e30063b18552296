"""Files from outside: read through the safe door, in a folder of their own."""

import re
import tempfile
from pathlib import Path, PurePosixPath

from cesp_geo.inputs.sheets import read_sheets
from cesp_geo.inputs.sites import read_site_table
from cesp_geo.outputs.conflict_tables import write_ranking
from cesp_geo.outputs.site_tables import write_sites
from cesp_geo.siting.check import opening_of
from cesp_geo.siting.conflicts import rank_projects
from cesp_geo.siting.projects import projects_from_sheets
from cesp_geo.siting.sites import check_sites
from cesp_geo.web.answers import Question, about
from cesp_geo.zonings.catalogue import Catalogue

_LONGEST = 80
_MOST_STEM_BYTES = 200


def clean_name(name: str) -> str:
    """Give the last part of a file's name, short, of plain letters: what a message may repeat.

    Examples
    --------
    >>> clean_name("../C:\\\\Mes fiches\\\\été 2024.CSV")
    'été 2024.CSV'
    """
    base = PurePosixPath(name.replace("\\", "/")).name
    plain = " ".join(re.sub(r"[^\w .()'-]", " ", base).split()).lstrip(". ")
    suffix = PurePosixPath(plain).suffix[:12]
    stem = plain.removesuffix(suffix)[: _LONGEST - len(suffix)]
    return stem.encode()[:_MOST_STEM_BYTES].decode(errors="ignore") + suffix or "fichier"


def table_of(
    catalogue: Catalogue, name: str, content: bytes, le: str, genre: str, profession: str
) -> bytes:
    """Check a file of sites (``sites``) or rank a file of follow-up sheets (``fiches``).

    Returns
    -------
    bytes
        A csv.

    Raises
    ------
    CespGeoError
        By the day, the profession or the file.
    """
    on = Question("", le).day
    with about("profession"):
        opening_of(profession)
    with tempfile.TemporaryDirectory() as folder, about("fichier"):
        source = Path(folder, "lu", clean_name(name))
        source.parent.mkdir()
        source.write_bytes(content)
        target = Path(folder, "reponses.csv")
        if genre == "sites":
            sites = read_site_table(source)
            write_sites(check_sites(sites, on, profession=profession, catalogue=catalogue), target)
        else:
            projects = projects_from_sheets(
                read_sheets(source), on, catalogue, profession=profession
            )
            write_ranking(rank_projects(projects, on), target)
        return target.read_bytes()
