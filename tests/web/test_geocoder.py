"""What a geocoder may answer, and that only an address with its number is taken."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cesp_geo.errors import UnknownPlace
from cesp_geo.web import geocoder
from cesp_geo.web.geocoder import Found, geocode

Respond = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def served() -> Iterator[Callable[[Respond], str]]:
    """Serve one answer on this machine; give its address."""
    servers = []

    def start(respond: Respond) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                respond(self)

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/search"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def answer(body: str) -> Respond:
    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(body.encode())

    return respond


def feature(kind: str = "housenumber", at: str = "[2.4397, 48.9068]", score: str = "0.95") -> str:
    about = {"type": kind, "label": "1 Rue Carnot 93000 Bobigny", "city": "Bobigny"}
    words = json.dumps(about)[:-1] + f', "score": {score}}}'
    return f'{{"features": [{{"geometry": {{"coordinates": {at}}}, "properties": {words}}}]}}'


def test_an_address_with_its_number_is_a_point(served: Callable[[Respond], str]) -> None:
    found = geocode("1 rue Carnot Bobigny", served(answer(feature())))
    assert found == Found(2.4397, 48.9068, "1 Rue Carnot 93000 Bobigny", 0.95)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("street", "la voie"),
        ("locality", "le lieu-dit"),
        ("municipality", "la commune"),
        ("poi", "un lieu"),
    ],
)
def test_what_is_no_point_is_refused_and_the_commune_suggested(
    served: Callable[[Respond], str], kind: str, says: str
) -> None:
    with pytest.raises(UnknownPlace) as caught:
        geocode("Bobigny", served(answer(feature(kind))))
    assert f"{says} « 1 Rue Carnot 93000 Bobigny »" in str(caught.value)
    assert "donnez la commune (« Bobigny »)" in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        feature(at="[NaN, 48.9]"), feature(at="[2.4, Infinity]"), feature(at="[2.4, 91]"),
        feature(at="[181, 48.9]"), feature(at="[2.4]"), feature(at="[]"), feature(at="null"),
        feature(at=f"[2.4, 1{'0' * 400}]"), feature(score="NaN"), feature(score="Infinity"),
        "[" * 100_000, "x", "[]", '{"features": [3]}', '{"features": {}}', '{"features": null}',
    ],
)  # fmt: skip
def test_a_broken_answer_is_said(served: Callable[[Respond], str], body: str) -> None:
    with pytest.raises(UnknownPlace, match="ne répond pas comme attendu"):
        geocode("1 rue Carnot", served(answer(body)))


def test_nothing_found_or_not_sure(served: Callable[[Respond], str]) -> None:
    with pytest.raises(UnknownPlace, match="ne connaît pas « 1 rue Carnot »"):
        geocode("1 rue Carnot", served(answer('{"features": []}')))
    with pytest.raises(UnknownPlace, match=r"score 0\.40"):
        geocode("1 rue Carnot", served(answer(feature(score="0.4"))))


def drip(request: BaseHTTPRequestHandler, line: bytes) -> None:
    try:
        for _ in range(200):
            request.wfile.write(line)
            request.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


def drip_headers(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.0 200 OK\r\n")
    drip(request, b"X: y\r\n")


def drip_body(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    drip(request, b" ")


def hang_up(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.0 x\r\n\r\n")


@pytest.mark.parametrize("respond", [drip_headers, drip_body, hang_up])
def test_a_server_that_never_ends_is_left_in_time(
    served: Callable[[Respond], str], monkeypatch: pytest.MonkeyPatch, respond: Respond
) -> None:
    monkeypatch.setattr(geocoder, "_WAIT_S", 0.5)
    start = time.monotonic()
    with pytest.raises(UnknownPlace, match="ne répond pas"):
        geocode("1 rue Carnot", served(respond))
    assert time.monotonic() - start < 2


def test_a_redirection_is_not_followed(served: Callable[[Respond], str]) -> None:
    asked: list[str] = []
    there = served(lambda request: (asked.append(request.path), answer(feature())(request))[1])

    def elsewhere(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", there)
        request.end_headers()

    with pytest.raises(UnknownPlace, match="ne répond pas"):
        geocode("1 rue Carnot", served(elsewhere))
    assert asked == []
