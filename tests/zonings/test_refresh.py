"""Fetching the national tables, against a server on this machine that behaves like the API."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cesp_geo.cli import main
from cesp_geo.errors import CespGeoError, DataError
from cesp_geo.zonings import refresh
from cesp_geo.zonings.refresh import DownloadError, current_resources, fetch

TABLE = (
    "source,date_maj,niveau,code,lib,com_code,com_lib,com_region,pop,tvs_region,tvs_code,tvs_lib,"
    "zmed_niveau,zmed_date_arrete\n"
    "DataSanté,30/07/2026,COM,11132,Fabrezan,11132,Fabrezan,Occitanie,1 306,Occitanie,11203,"
    "Lézignan-Corbières,2_ZAC,30/10/2025\n"
).encode()


class Server(ThreadingHTTPServer):
    table = TABLE
    failures = 0
    cut = 0
    catalogue: Any = None
    seen: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append(f"{self.path} {self.headers.get('Range', '')}".strip())
        if self.server.failures:
            self.server.failures -= 1
            self.send_error(503)
        elif self.path.startswith("/datasets/"):
            self._send(json.dumps(self.server.catalogue).encode())
        elif self.path == "/ancien/zonages-com.csv":
            self.send_response(302)
            self.send_header("Location", "/zonages_com_2026.csv")
            self.end_headers()
        elif self.path == "/zonages_com_2026.csv":
            self._table()
        else:
            self.send_error(404)

    def _table(self) -> None:
        body, start = self.server.table, 0
        if asked := self.headers.get("Range"):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        if self.server.cut:
            self.server.cut -= 1
            self.wfile.write(body[start : start + 100])
        else:
            self.wfile.write(body[start:])

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        del args


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(refresh.time, "sleep", lambda _: None)
    found = Server(("127.0.0.1", 0), Handler)
    found.seen = []
    port = found.server_address[1]
    found.catalogue = {
        "resources": [
            {"format": "pdf", "url": f"http://127.0.0.1:{port}/zonages-com.pdf"},
            {
                "format": "csv",
                "url": f"http://127.0.0.1:{port}/ancien/zonages-com.csv",
                "last_modified": "2026-08-01T00:00:00",
                "checksum": {"type": "sha1", "value": hashlib.sha1(TABLE).hexdigest()},
            },
        ]
    }
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def api(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_the_current_file_is_found_followed_and_kept(server: Server, tmp_path: Path) -> None:
    (resource,) = current_resources(api(server))
    path = fetch(resource, tmp_path)
    assert path.read_bytes() == TABLE
    assert path.name.startswith("com-2026-08-01-")


def test_an_interrupted_download_goes_on(server: Server, tmp_path: Path) -> None:
    server.cut = 2
    (resource,) = current_resources(api(server))
    assert fetch(resource, tmp_path).read_bytes() == TABLE
    assert [line.split()[-1] for line in server.seen if "bytes=" in line][-1] == "bytes=200-"


def test_a_busy_server_is_asked_again(server: Server) -> None:
    server.failures = 3
    assert len(current_resources(api(server))) == 1


def test_a_wrong_checksum_is_refused(server: Server, tmp_path: Path) -> None:
    (resource,) = current_resources(api(server))
    server.table = TABLE.replace(b"2_ZAC", b"1_ZIP")
    with pytest.raises(DataError, match="empreinte"):
        fetch(resource, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("catalogue", [[], {"resources": None}, {"resources": [{}]}, {"x": 1}])
def test_a_catalogue_of_another_shape_is_said(server: Server, catalogue: object) -> None:
    server.catalogue = catalogue
    with pytest.raises(DownloadError, match="à la main"):
        current_resources(api(server))


def test_a_missing_file_and_a_dead_server_are_said(server: Server, tmp_path: Path) -> None:
    server.catalogue["resources"][1]["url"] = f"{api(server)}/zonages_com_parti.csv"
    (resource,) = current_resources(api(server))
    with pytest.raises(DownloadError, match="404"):
        fetch(resource, tmp_path)
    with pytest.raises(CespGeoError, match="Téléchargement impossible"):
        current_resources("http://127.0.0.1:9")


def test_actualiser_imports_and_says_what_changed(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["zonages", "actualiser", "--api", api(server), "--catalogue", str(tmp_path / "moi")]
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 0
    assert "1 version nouvelle" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(words)
    assert "Rien de nouveau" in capsys.readouterr().out
    server.table = TABLE.replace(b"2_ZAC,30/10/2025", b"1_ZIP,01/06/2026")
    server.catalogue["resources"][1]["checksum"]["value"] = hashlib.sha1(server.table).hexdigest()
    with pytest.raises(SystemExit):
        main(words)
    assert "Fabrezan (11132) : ZAC → ZIP" in capsys.readouterr().out
    assert len(list((tmp_path / "moi" / "originaux").glob("com-*.csv"))) == 2
