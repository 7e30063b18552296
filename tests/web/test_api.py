"""The API says what the library says, in bounds, and never falls over."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from httpx import Client

from cesp_geo.siting.check import check_site
from cesp_geo.siting.replay import replay
from cesp_geo.web import api, guard
from cesp_geo.web.app import make_app
from cesp_geo.web.guard import MOST_BYTES
from cesp_geo.web.questions import MOST_BATCH
from cesp_geo.zonings.catalogue import Catalogue


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
        "reponse": "éligible",
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
    merged = client.get("/historique.svg", params={"lieu": "Saint-Denis (93)", "le": "2025-06-01"})
    assert "<title>1er janvier 2025 : " in merged.text


def test_five_digits_say_their_other_readings(client: Client) -> None:
    _, found = ask(client, "/api/verdict", lieu="13001", le="2022-06-01")
    other = {"code": "13201", "nom": "Marseille 1er Arrondissement", "departement": "13"}
    assert found["autres_lectures"] == [other]
    assert "c'est aussi le code postal de Marseille 1er" in found["mots"]["lecture"]
    _, found = ask(client, "/api/suggestions", texte="13001", le="2022-06-01")
    readings = [(item["code"], item["lecture"]) for item in found["communes"]]
    assert readings == [("13001", "code INSEE"), ("13201", "code postal")]
    _, found = ask(client, "/api/suggestions", texte="01120", le="2022-06-01")
    assert {item["lecture"] for item in found["communes"]} == {"code postal"}
    assert len(found["communes"]) > 5
    _, found = ask(client, "/api/suggestions", texte="bobign", le="2022-06-01")
    assert [item["lecture"] for item in found["communes"]] == ["nom"]
    _, found = ask(client, "/api/verdict", lieu="93008", le="2013-06-01")
    assert (found["autres_lectures"], found["mots"]["lecture"]) == ([], "")


def test_a_yes_says_its_order_and_until_when(client: Client) -> None:
    words = ask(client, "/api/verdict", lieu="Bobigny", le="2013-06-01")[1]["mots"]
    assert words["arrete"]["titre"] == "Arrêté n° 12-209 du 24 mai 2012 (Île-de-France)"
    assert words["arrete"]["effet"] == "24 mai 2012"
    assert words["jusqu_a_quand"] == "au moins jusqu'au 5 mars 2018"
    words = ask(client, "/api/verdict", lieu="QN00401M", le="2026-06-01")[1]["mots"]
    assert words["jusqu_a_quand"] == "tant qu'aucun autre arrêté connu ne le remplace"
    words = ask(client, "/api/verdict", lieu="93066", le="2013-06-01")[1]["mots"]
    assert words["jusqu_a_quand"] == ""


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("lieu", "Nulle-Part", "lieu"),
        ("profession", "devin", "profession"),
        ("le", "hier", "le"),
        ("contrat_signe_le", "zz", "contrat_signe_le"),
        ("contrat_signe_le", "1999-01-01", "contrat_signe_le"),
        ("demande_le", "31/02/2020", "demande_le"),
        ("liste_publiee_le", "0001-01-01", "liste_publiee_le"),
        ("connu_le", "demain", "connu_le"),
        ("connu_le", "x" * 21, "connu_le"),
    ],
)
def test_an_error_says_its_field(client: Client, name: str, value: str, field: str) -> None:
    asked = {"lieu": "Bobigny", "le": "2013-06-01", name: value}
    assert ask(client, "/api/verdict", **asked)[1]["champ"] == field


@pytest.mark.parametrize(
    "address",
    [
        "/api/verdict?lieu=Bobigny&le=2013-06-01&date=2020-01-01",
        "/api/verdict?lieu=Bobigny&le=2013-06-01&le=2020-01-01",
        "/api/suggestions?texte=bob&le=2013-06-01&limite=3",
        "/attestation.pdf?lieu=Bobigny&le=2013-06-01&format=a3",
    ],
)
def test_unknown_and_repeated_parameters_are_named(client: Client, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")
    name = address.rpartition("&")[2].partition("=")[0]
    assert f" : {name}." in answer.json()["message"]


def test_unknown_keys_of_bodies_and_forms_are_named(client: Client) -> None:
    question = {"lieu": "Bobigny", "le": "2013-06-01", "contrat": "2020-01-01"}
    answer = client.post("/api/verdicts", json={"questions": [question]})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")
    assert "contrat" in answer.json()["message"]
    sent = {"fichier": ("s.csv", b"code\n93008\n")}
    for data in ({"le": "2013-06-01", "sorte": "x"}, {"le": ["2013-06-01", "2014-06-01"]}):
        answer = client.post("/api/fichier", files=sent, data=data)
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{" * 9, "JSON est mal écrit au caractère"),
        (b"[]", "n'est pas un objet JSON"),
        (
            b'{"questions": [{"lieu": "x", "le": "y"}, {"lieu": "x"}]}',
            "« le » (élément n° 2 de « questions ») manque",
        ),
        (b'{"questions": [3]}', "L'élément n° 1 de « questions » est mal écrit"),
    ],
)
def test_a_bad_body_is_explained(client: Client, body: bytes, says: str) -> None:
    kind = {"Content-Type": "application/json"}
    answer = client.post("/api/verdicts", content=body, headers=kind)
    assert answer.status_code == 422
    assert says in answer.json()["message"]


def test_a_broken_form_is_explained(client: Client) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post("/api/fichier", content=b"abc", headers=kind)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_body")
    assert "formulaire" in answer.json()["message"]


def test_a_map_to_choose_on_is_drawn_without_any_class_and_errors_are_pages(
    client: Client,
) -> None:
    found = client.get("/carte-de-france", params={"le": "1995-06-01"})
    assert found.status_code == 200
    assert "cesp-card" in found.text
    for address in (
        "/carte-de-france?le=",
        "/carte-de-france?le=2013-06-01&profession=devin",
        "/carte-de-france?le=2013-06-01&x=1",
        "/carte?lieu=%3Cb%3E&le=2013-06-01",
        "/carte?le=2013-06-01",
    ):
        refused = client.get(address)
        assert refused.status_code in (404, 422)
        assert refused.headers["content-type"].startswith("text/html")
        assert 'lang="fr"' in refused.text
        assert "<b>" not in refused.text


def test_files_are_named_by_their_reference(client: Client) -> None:
    asked = {"lieu": "Bobigny", "le": "2013-06-01"}
    reference = client.get("/api/verdict", params=asked).json()["reference"]
    for address, suffix in (("/attestation.pdf", "pdf"), ("/verdict.json", "json")):
        said = client.get(address, params=asked).headers["content-disposition"]
        assert said == f'attachment; filename="{reference}.{suffix}"'


DRESS = ("x-content-type-options", "content-security-policy", "referrer-policy")


def test_every_answer_is_dressed_and_hosts_are_checked(client: Client) -> None:
    for address in ("/", "/assets/page.js", "/api/verdict", "/rien", "/openapi.json"):
        headers = client.get(address).headers
        assert set(DRESS) <= set(headers)
        assert "access-control-allow-origin" not in headers
    for host in ("evil.example", "127.0.0.1.evil.example", "[", ""):
        refused = client.get("/", headers={"Host": host})
        assert refused.status_code == 400
        assert set(DRESS) <= set(refused.headers)
    assert refused.json()["code"] == "unknown_host"
    assert client.get("/", headers={"Host": "localhost:8123"}).status_code == 200
    for path in ("/assets/..%2fapp.py", "/assets/%2e%2e/app.py", "/assets/app.py"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_cannot_post(client: Client, headers: dict[str, str]) -> None:
    asked = {"questions": [{"lieu": "Bobigny", "le": "2013-06-01"}]}
    refused = client.post("/api/verdicts", json=asked, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")
    own = {"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/verdicts", json=asked, headers=own).status_code == 200


def test_too_many_at_once_and_the_unforeseen_are_said(
    serve: Callable[[Any], str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fall(*args: Any) -> None:
        raise RuntimeError("Secrete")

    with monkeypatch.context() as patched:
        patched.setattr(guard, "MOST_AT_ONCE", 0)
        busy = make_app()
    monkeypatch.setattr(api, "answer_to", fall)
    asked = {"lieu": "Bobigny", "le": "2013-06-01"}
    for app, status, code in ((busy, 503, "too_busy"), (make_app(), 500, "internal_error")):
        answer = httpx.get(f"{serve(app)}/api/verdict", params=asked)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert set(DRESS) <= set(answer.headers)
    out, err = capfd.readouterr()
    assert "Secrete" not in out + err


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
