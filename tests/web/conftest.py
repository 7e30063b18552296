"""A real server on this machine, for what a browser or a client would send."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from httpx import Client


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Any], str]]:
    """Serve an application on a free port; give its address."""
    pytest.importorskip("uvicorn", reason="l'extra web n'est pas installé")
    from cesp_geo.web.serving import listen, server

    running: list[tuple[Any, threading.Thread]] = []

    def start(app: Any) -> str:
        opened, listening = server(app), listen("127.0.0.1", 0)
        thread = threading.Thread(target=opened.run, args=([listening],), daemon=True)
        thread.start()
        running.append((opened, thread))
        end = time.monotonic() + 20
        while not opened.started and time.monotonic() < end:
            time.sleep(0.02)
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    for opened, thread in running:
        opened.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def client(serve: Callable[[Any], str]) -> Iterator[Client]:
    from cesp_geo.web.app import make_app

    with Client(base_url=serve(make_app()), timeout=30) as opened:
        yield opened
