"""The application: one page, the maps that it frames, and the same answers as JSON."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from cesp_geo.siting.verdict import program_version
from cesp_geo.web import api
from cesp_geo.web.answers import Question, about
from cesp_geo.web.geocoder import ADDRESS
from cesp_geo.web.guard import Failure, guard
from cesp_geo.web.questions import AskedDay, AskedPlace
from cesp_geo.zonings.catalogue import Catalogue

_KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_ASSETS = ("page.js", "choices.js", "dom.js", "file.js", "page.css")
_FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure} for status in (400, 403, 404, 409, 411, 413, 422, 500, 503)
}


def make_app(
    home: Path | None = None,
    hosts: Sequence[str] = ("127.0.0.1", "localhost", "[::1]"),
    geocoder_address: str | None = None,
) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    home : pathlib.Path, optional
        The user's catalogue.
    hosts : sequence of str
        Names under which it may be asked.
    geocoder_address : str, optional
        Address of the geocoder; none by default, and addresses then never leave the machine.
    """
    catalogue = Catalogue.load(home)
    app = FastAPI(
        title="cesp_geo",
        version=program_version(),
        description="Ce lieu compte-t-il, ce jour-là, et pourquoi.",
        docs_url=None,
        redoc_url=None,
        responses=_FAILURES,
    )
    guard(app, hosts)
    _page(app, geocoder_address)
    _maps(app, catalogue)
    app.include_router(api.router(catalogue, geocoder_address))
    return app


@lru_cache
def _asset(name: str) -> str:
    return files("cesp_geo.web").joinpath(f"assets/{name}").read_text(encoding="utf-8")


def _page(app: FastAPI, geocoder_address: str | None) -> None:
    host = urlsplit(geocoder_address or "").netloc
    name = "géocodeur national" if geocoder_address == ADDRESS else f"géocodeur {host}"

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page() -> str:
        text = _asset("page.html").replace("@@TODAY@@", date.today().isoformat())
        text = text.replace("@@GEOCODER_NAME@@", escape(name))
        return text.replace("@@GEOCODER@@", "" if geocoder_address else "hidden")

    @app.get("/assets/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        if name not in _ASSETS:
            raise HTTPException(404)
        return Response(_asset(name), media_type=_KINDS[Path(name).suffix])


def _maps(app: FastAPI, catalogue: Catalogue) -> None:
    @app.get("/carte", response_class=HTMLResponse, include_in_schema=False)
    async def place_page(asked: Annotated[AskedPlace, Query()]) -> Response:
        return _framed(await run_in_threadpool(_place_page, catalogue, asked.question()))

    @app.get("/carte-de-france", response_class=HTMLResponse, include_in_schema=False)
    async def country_page(asked: Annotated[AskedDay, Query()]) -> Response:
        return _framed(await run_in_threadpool(_country_page, catalogue, asked.question()))


def _framed(text: str) -> Response:
    """A map page carries its own policy; the outer one must not forbid what it holds."""
    return HTMLResponse(text, headers={"Content-Security-Policy": "frame-ancestors 'self'"})


def _place_page(catalogue: Catalogue, question: Question) -> str:
    from cesp_geo.outputs.maps import place_map
    from cesp_geo.outputs.maps.page import page_of

    on, known = question.day, question.days()["known_on"]
    with about("lieu"):
        made = place_map(
            question.place, catalogue, on, profession=question.profession, known_on=known
        )
    return page_of(made)


@lru_cache(maxsize=2)
def _country_page(catalogue: Catalogue, question: Question) -> str:
    from cesp_geo.outputs.maps import zoning_map
    from cesp_geo.outputs.maps.page import page_of

    on, known = question.day, question.days()["known_on"]
    with about("profession"):
        made = zoning_map(
            catalogue, on, profession=question.profession, known_on=known, even_unknown=True
        )
    return page_of(made)
