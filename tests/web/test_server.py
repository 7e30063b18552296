"""The server as a process: idle and slow clients, and a clean end."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Client

from cesp_geo.web.app import make_app
from cesp_geo.web.guard import SECONDS
from cesp_geo.web.serving import HEADERS_SECONDS, listen, server

PROGRAM = Path(sys.executable).with_name("cesp-geo")


def start() -> tuple[subprocess.Popen[str], int]:
    """Start the server on a free port, and wait until it answers."""
    process = subprocess.Popen(
        [PROGRAM, "servir", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    number = int(process.stdout.readline().split(":")[3].split("/")[0])
    with Client(base_url=f"http://127.0.0.1:{number}", timeout=30) as client:
        assert client.get("/").status_code == 200
    return process, number


def stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate(timeout=30)


@pytest.fixture
def port() -> Iterator[int]:
    process, number = start()
    yield number
    stop(process)


@pytest.mark.parametrize(
    "sent", [b"BONJOUR\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n"]
)
def test_what_is_no_http_is_refused_in_french(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(sent)
        with line.makefile("rb") as answer:
            said = answer.read().decode()
    assert said.startswith("HTTP/1.1 400 ")
    assert said.split("\r\n\r\n")[1].startswith("Requête illisible")


def test_idle_and_slow_clients_block_nobody(port: int) -> None:
    idle = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(100)]
    for line in idle[:50]:
        line.sendall(b"GET /api/verdict?lieu=Bob")
    try:
        with Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            params = {"lieu": "Bobigny", "le": "2013-06-01"}
            client.get("/api/verdict", params=params)
            start = time.perf_counter()
            for _ in range(50):
                assert client.get("/api/verdict", params=params).status_code == 200
            assert time.perf_counter() - start < 5
    finally:
        for line in idle:
            line.close()


def test_a_head_that_does_not_end_is_closed(port: int) -> None:
    line, kept, silent = (
        socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(3)
    )
    begun = time.monotonic()
    line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0")
    kept.sendall(b"GET /assets/page.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    while b"@media" not in kept.recv(65_536):
        pass
    kept.sendall(b"GET / HTTP/1.1\r\nHo")
    for opened in (line, kept, silent):
        with opened:
            while opened.recv(65_536):
                pass
    assert HEADERS_SECONDS - 1 < time.monotonic() - begun < HEADERS_SECONDS + 4


def test_short_answers_leave_at_once_and_the_end_waits_for_the_longest() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    waits = server(make_app()).config.timeout_graceful_shutdown
    assert waits is not None
    assert waits > SECONDS


def test_sigterm_finishes_what_is_in_flight() -> None:
    process, number = start()
    answers: list[int] = []

    def long_one() -> None:
        questions = {"questions": [{"lieu": f"48.9{n:03d},2.4397", "le": "2013-06-01"}
                                   for n in range(900)]}  # fmt: skip
        with Client(base_url=f"http://127.0.0.1:{number}", timeout=30) as client:
            answers.append(client.post("/api/verdicts", json=questions).status_code)

    thread = threading.Thread(target=long_one)
    thread.start()
    time.sleep(0.25)
    stop(process)
    thread.join(timeout=40)
    assert answers == [200]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "{port}"], "il est déjà pris"),
        (["--port", "99999"], "un nombre entier de 0 à 65535"),
        (["--hote", "256.1.1.1"], "n'est pas une adresse"),
    ],
)
def test_where_it_cannot_listen_is_said(port: int, words: list[str], said: str) -> None:
    asked = [word.format(port=port) for word in words]
    done = subprocess.run([PROGRAM, "servir", *asked], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
