"""The API says what the library says, in bounds, and never falls over."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
from httpx import Client

from cesp_geo.siting.check import check_site
from cesp_geo.siting.replay import replay
from cesp_geo.web.app import MOST_BATCH, MOST_BYTES, make_app
from cesp_geo.zonings.catalogue import Catalogue


@pytest.fixture(scope="module")
def client(serve: Callable[[Any], str]) -> Iterator[Client]:
    with Client(base_url=serve(make_app()), timeout=30) as opened:
        yield opened


def ask(client: Client, address: str, **params: str) -> tuple[int, Any]:
    answer = client.get(address, params=params)
    return answer.status_code, answer.json()


def test_a_verdict_is_the_library_s(client: Client) -> None:
    for lieu, le in (
        ("Bobigny", "2013-06-01"),
        ("48.9068,2.4397", "2022-01-01"),
        ("75056", "2013-06-01"),
    ):
        status, found = ask(client, "/api/verdict", lieu=lieu, le=le)
        assert status == 200
        expected = json.loads(json.dumps(check_site(lieu, on=le).to_json()))
        assert found["verdict"] == expected
        assert replay(found["verdict"], Catalogue.load()).outcome == "identical"
        assert found["reference"].startswith("CESP-")
    assert "--" not in json.dumps(found["mots"]["pistes"])


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"lieu": "Nulle-Part", "le": "2013-06-01"}, 404, "unknown_place"),
        ({"lieu": "Saint-Denis", "le": "2013-06-01"}, 409, "ambiguous_place"),
        ({"lieu": "45,-30", "le": "2013-06-01"}, 404, "outside_territory"),
        ({"lieu": "", "le": "2013-06-01"}, 404, "unknown_place"),
        ({"lieu": "Bobigny", "le": "hier"}, 422, "bad_day"),
        ({"lieu": "Bobigny", "le": ""}, 422, "bad_day"),
        ({"lieu": "Bobigny", "le": "0001-01-01"}, 422, "bad_day"),
        ({"lieu": "Bobigny", "le": "9999-12-31"}, 422, "bad_day"),
        ({"lieu": "Bobigny"}, 422, "bad_request"),
        ({"lieu": "x" * 201, "le": "2013-06-01"}, 422, "bad_request"),
        ({"lieu": "Bobigny", "le": "2013-06-01", "profession": "devin"}, 422, "bad_question"),
        ({"lieu": "Bobigny", "le": "2013-06-01", "contrat_signe_le": "1999-01-01"}, 422, "bad_day"),
    ],
)
def test_errors_have_a_stable_code_and_one_french_line(
    client: Client, params: dict[str, str], status: int, code: str
) -> None:
    found = ask(client, "/api/verdict", **params)
    assert (found[0], found[1]["code"]) == (status, code)
    assert found[1]["message"].count("\n") == 0
    assert found[1]["message"].endswith((".", "»"))


def test_a_batch_answers_each_question(client: Client) -> None:
    questions = [
        {"lieu": "Bobigny", "le": "2013-06-01"},
        {"lieu": "Nulle-Part", "le": "2013-06-01"},
    ]
    found = client.post("/api/verdicts", json={"questions": questions}).json()["reponses"]
    assert found[0]["verdict"]["verdict"] == "eligible"
    assert found[1]["erreur"]["code"] == "unknown_place"
    many = {"questions": [questions[0]] * (MOST_BATCH + 1)}
    assert client.post("/api/verdicts", json=many).status_code == 422


def test_the_other_answers(client: Client) -> None:
    status, found = ask(client, "/api/suggestions", texte="saint den", le="2020-01-01")
    assert status == 200
    assert {"93066", "97411"} <= {item["code"] for item in found["communes"]}
    status, found = ask(client, "/api/historique", lieu="Bobigny", le="2022-01-01")
    (held,) = (item for item in found["periodes"] if item["classe"] == "DEFICITAIRE")
    assert (held["du"], held["au"]) == ("2012-05-24", "2018-03-05")
    assert (held["eligible"], held["maintenable_jusqu_au"]) == (True, "2021-03-05")
    assert held["mots"] == {
        "classe": "zone déficitaire",
        "arrete": "Arrêté n° 12-209 du 24 mai 2012 (Île-de-France)",
    }
    status, found = ask(client, "/api/proches", lieu="Saint-Denis (93)", le="2013-06-01")
    assert found["lieux"][0]["distance_m"] < 5000
    status, found = ask(client, "/api/adresse", texte="1 rue X, Bobigny")
    assert (status, found["code"]) == (404, "unknown_place")
    page = client.get("/carte", params={"lieu": "Bobigny", "le": "2013-06-01"})
    assert "cesp-card" in page.text
    pdf = client.get("/attestation.pdf", params={"lieu": "Bobigny", "le": "2013-06-01"})
    assert pdf.content.startswith(b"%PDF")
    svg = client.get("/historique.svg", params={"lieu": "Bobigny", "le": "2013-06-01"})
    assert svg.headers["content-type"].startswith("image/svg")


def test_every_answer_is_dressed_and_hosts_are_checked(client: Client) -> None:
    for address in ("/", "/assets/page.js", "/api/verdict", "/rien", "/openapi.json"):
        headers = client.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    for path in ("/assets/..%2fapp.py", "/assets/%2e%2e/app.py", "/assets/app.py"):
        assert client.get(path).status_code == 404


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
    ("name", "content", "data", "status"),
    [
        ("x.csv", b"", {}, 422),
        ("x.csv", b"\x00\x01\x02" * 50, {}, 422),
        ("x.xlsx", b"PK\x03\x04abcd", {}, 422),
        ("x.csv", b"%PDF-1.4", {}, 422),
        ("x.geojson", b"<OGRVRTDataSource/>", {}, 422),
        ("x.csv", b"a;b\n1;2\n", {}, 422),
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
    assert "/tmp" not in answer.json()["message"]


def test_a_request_too_large_is_refused_before_it_is_read(client: Client) -> None:
    import socket

    host, port = client.base_url.host, client.base_url.port
    assert port is not None
    with socket.create_connection((host, port), timeout=10) as line:
        line.sendall(
            f"POST /api/verdicts HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Length: {MOST_BYTES + 1}\r\n\r\n".encode()
        )
        head = line.recv(4096).decode()
    assert head.startswith("HTTP/1.1 413")


def test_nothing_personal_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("INFO", logger="cesp_geo")
    client.get("/api/verdict", params={"lieu": "12 rue Secrete Bobigny", "le": "2013-06-01"})
    out, err = capfd.readouterr()
    assert "Secrete" not in out + err


def test_the_description_is_whole(client: Client) -> None:
    found = client.get("/openapi.json").json()
    assert set(found["paths"]) == {
        "/api/verdict", "/api/verdicts", "/api/suggestions", "/api/historique", "/api/proches",
        "/api/adresse", "/api/fichier",
    }  # fmt: skip


def test_the_geocoder_must_be_sure(serve: Callable[[Any], str]) -> None:
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    answers = {
        "sur": (200, {"features": [{"geometry": {"coordinates": [2.4397, 48.9068]},
                                    "properties": {"type": "housenumber", "label": "Bobigny",
                                                   "score": 0.95}}]}),
        "douteux": (200, {"features": [{"geometry": {"coordinates": [2.4, 48.9]},
                                        "properties": {"label": "Peut-être", "score": 0.4}}]}),
        "rien": (200, {"features": []}),
        "panne": (500, {}),
        "abime": (200, ["x"]),
    }  # fmt: skip

    class Geocoder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            word = self.path.split("q=")[1].split("&")[0]
            status, body = answers[word]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Geocoder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/search"
    asked = Client(base_url=serve(make_app(geocoder_address=address)), timeout=30)
    try:
        status, found = ask(asked, "/api/adresse", texte="sur")
        assert (status, found["lieu"]) == (200, "48.9068,2.4397")
        failing = {"douteux": "score", "rien": "ne connaît pas", "panne": "ne répond pas"}
        for word, says in {**failing, "abime": "ne répond pas"}.items():
            status, found = ask(asked, "/api/adresse", texte=word)
            assert status == 404
            assert says in found["message"]
    finally:
        server.shutdown()
        server.server_close()
    status, found = ask(asked, "/api/adresse", texte="sur")
    assert "ne répond pas" in found["message"]
    asked.close()
