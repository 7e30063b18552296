"""A file goes through the safe door and comes back as a table, or is refused in French."""

import io
import re
import zipfile
from typing import Any

import pandas as pd
import pytest
from httpx import Client


def upload(client: Client, name: str, content: bytes, **data: str) -> Any:
    return client.post(
        "/api/fichier", files={"fichier": (name, io.BytesIO(content))},
        data={"le": "2013-06-01", **data},
    )  # fmt: skip


def test_files_come_back_as_tables(client: Client) -> None:
    answer = upload(client, "../../sites.csv", b"id;code\n1;93008\n2;=1+1\n")
    assert answer.status_code == 200
    table = pd.read_csv(io.StringIO(answer.content.decode("utf-8-sig")), sep=";", dtype=str)
    assert table["verdict"].tolist()[0] == "eligible"
    assert table["code"].tolist()[1] == "'=1+1"
    sheets = (
        b"signataire;date_fiche;commune;specialite\n"
        b"S1;2012-09-01;93008;mg\nS2;2013-01-01;93008;mg\n"
    )
    answer = upload(client, "f.csv", sheets, genre="fiches")
    assert "S1" in answer.text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Mes sites (été).csv", "Mes sites (été).csv"),
        ("../../etc/vsi<b>.csv", "vsi b .csv"),
        ("C:\\\\Users\\\\moi\\\\sites.csv", "sites.csv"),
        ("x" * 300 + ".csv", "x" * 76 + ".csv"),
        ("\U0001d54f" * 70 + ".csv", "\U0001d54f" * 50 + ".csv"),
    ],
)
def test_an_error_names_the_file_as_its_owner_does(client: Client, name: str, said: str) -> None:
    answer = upload(client, name, b"code;code\n1;2\n")
    assert answer.status_code == 422
    assert answer.json()["message"].startswith(f"{said} : la colonne")
    assert answer.json()["champ"] == "fichier"


def hollow_book() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        book.writestr("[Content_Types].xml", "x")
        book.writestr("xl/workbook.xml", "<a>")
    return packed.getvalue()


HOLLOW_BOOK = hollow_book()


@pytest.mark.parametrize(
    ("name", "content", "data", "status"),
    [
        ("x.csv", b"", {}, 422),
        ("x.csv", b"\x00\x01\x02" * 50, {}, 422),
        ("x.xlsx", b"PK\x03\x04abcd", {}, 422),
        ("x.csv", b"%PDF-1.4", {}, 422),
        ("x.geojson", b"<OGRVRTDataSource/>", {}, 422),
        ("x.csv", b"a;b\n1;2\n", {}, 422),
        ("x.csv", b'code\n"' + b"9" * 400_000, {}, 422),
        ("x.geojson", b'{"type":"FeatureCollection","features":[{]}', {}, 422),
        ("x.geojson", b'{"a":1}', {}, 422),
        ("x.parquet", b"PAR1abcdefgh", {}, 422),
        ("x.fgb", b"fgb\x03abcdef", {}, 422),
        ("x.kml", b"<kml><a>", {}, 422),
        ("x.shp", b"\x00\x00\x27\x0aabc", {}, 422),
        ("x.xlsx", HOLLOW_BOOK, {}, 422),
        ("x.csv", b"signataire;nom;commune\nS1;Durand;Bobigny\n", {"genre": "fiches"}, 422),
        ("x.csv", b"code\n93008\n", {"le": "jamais"}, 422),
        ("x.csv", b"code\n93008\n", {"genre": "autre"}, 422),
    ],
)
def test_files_of_the_wrong_kind(
    client: Client, name: str, content: bytes, data: dict[str, str], status: int
) -> None:
    answer = upload(client, name, content, **data)
    assert answer.status_code == status
    assert answer.json()["code"]
    assert not re.search(
        r"/tmp|\b(failed|read|file|larger|invalid|error|open|not)\b", answer.json()["message"], re.I
    )
