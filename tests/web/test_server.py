"""The server as a process: idle and slow clients, and a clean end."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Client

PROGRAM = Path(sys.executable).with_name("cesp-geo")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def port() -> Iterator[int]:
    number = free_port()
    process = subprocess.Popen(
        [PROGRAM, "servir", "--port", str(number)], stdout=subprocess.DEVNULL
    )
    try:
        wait_for(number)
        yield number
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("le serveur ne répond pas")


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


def test_sigterm_finishes_what_is_in_flight() -> None:
    number = free_port()
    process = subprocess.Popen(
        [PROGRAM, "servir", "--port", str(number)], stdout=subprocess.DEVNULL
    )
    wait_for(number)
    answers: list[int] = []

    def long_one() -> None:
        questions = {"questions": [{"lieu": f"48.9{n:03d},2.4397", "le": "2013-06-01"}
                                   for n in range(900)]}  # fmt: skip
        with Client(base_url=f"http://127.0.0.1:{number}", timeout=30) as client:
            answers.append(client.post("/api/verdicts", json=questions).status_code)

    thread = threading.Thread(target=long_one)
    thread.start()
    time.sleep(0.25)
    process.send_signal(signal.SIGTERM)
    thread.join(timeout=40)
    process.wait(timeout=30)
    assert answers == [200]


def test_a_port_in_use_is_said(capfd: pytest.CaptureFixture[str], port: int) -> None:
    done = subprocess.run(
        [PROGRAM, "servir", "--port", str(port)], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr
