"""The application: one page, and the same answers as JSON."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, File, Form, Query, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from cesp_geo.errors import CespGeoError, UnknownPlace
from cesp_geo.outputs.timeline import timeline_svg
from cesp_geo.siting.reasons import name_order
from cesp_geo.siting.verdict import program_version
from cesp_geo.web import geocoder
from cesp_geo.web.answers import (
    Question,
    history_of,
    in_words,
    nearest_to,
    status_of,
    suggestions,
    verdict_of,
)
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import Order

MOST_BYTES = 20_000_000
MOST_BATCH = 1000
_SECONDS = 60
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_ASSETS = {
    "page.js": "text/javascript; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
}

Text = Annotated[str, Query(max_length=200)]
Day = Annotated[str, Query(max_length=20)]
Profession = Annotated[str, Query(max_length=40)]


class Failure(BaseModel):
    """Every error: a stable code, and what to mend, in French."""

    code: str
    message: str


class Asked(BaseModel):
    """One question of a batch."""

    lieu: str = Field(max_length=200)
    le: str = Field(max_length=20)
    profession: str = Field("medecin", max_length=40)
    contrat_signe_le: str = Field("", max_length=20)
    demande_le: str = Field("", max_length=20)
    liste_publiee_le: str = Field("", max_length=20)
    connu_le: str = Field("", max_length=20)

    def question(self) -> Question:
        """Give the question, not yet checked."""
        return Question(
            self.lieu, self.le, self.profession, self.contrat_signe_le, self.demande_le,
            self.liste_publiee_le, self.connu_le,
        )  # fmt: skip


class Batch(BaseModel):
    """Several questions at once."""

    questions: list[Asked] = Field(max_length=MOST_BATCH)


_FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure} for status in (400, 404, 409, 413, 422, 503)
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
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    _guard(app)
    _page(app, catalogue, geocoder_address is not None)
    _api(app, catalogue, geocoder_address)
    _files(app, catalogue)
    return app


def _failure(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"code": code, "message": message}, status_code=status)


def _guard(app: FastAPI) -> None:
    """Bound every request in size and time, and dress every answer."""

    @app.middleware("http")
    async def bounded(
        request: Request, proceed: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            answer: Response = _failure(
                413, "too_large", f"La requête dépasse {MOST_BYTES // 1_000_000} Mo. Découpez-la."
            )
        elif request.headers.get("transfer-encoding"):
            answer = _failure(411, "length_required", "La longueur de la requête manque.")
        else:
            try:
                async with asyncio.timeout(_SECONDS):
                    answer = await proceed(request)
            except TimeoutError:
                answer = _failure(503, "too_slow", "La réponse a pris trop de temps. Réessayez.")
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    @app.exception_handler(CespGeoError)
    async def known(request: Request, error: CespGeoError) -> JSONResponse:
        del request
        return _failure(*status_of(error), str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        del request
        names = sorted({str(item["loc"][-1]) for item in error.errors() if item.get("loc")})
        return _failure(
            422, "bad_request", f"Champ absent, trop long ou mal écrit : {', '.join(names)}."
        )

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> JSONResponse:
        del request
        words = {404: "Cette adresse n'existe pas.", 405: "Cette adresse ne se demande pas ainsi."}
        message = words.get(error.status_code, "La requête est refusée.")
        return JSONResponse(
            {"code": f"http_{error.status_code}", "message": message},
            status_code=error.status_code,
            headers=error.headers,
        )


@lru_cache
def _asset(name: str) -> str:
    return files("cesp_geo.web").joinpath(f"assets/{name}").read_text(encoding="utf-8")


def _page(app: FastAPI, catalogue: Catalogue, geocoding: bool) -> None:
    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page() -> str:
        from datetime import date

        text = _asset("page.html").replace("@@TODAY@@", date.today().isoformat())
        return text.replace("@@GEOCODER@@", "" if geocoding else "hidden")

    @app.get("/assets/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        if name not in _ASSETS:
            raise HTTPException(404)
        return Response(_asset(name), media_type=_ASSETS[name])

    @app.get("/carte", response_class=HTMLResponse, include_in_schema=False)
    async def place_page(
        lieu: Text, le: Day, profession: Profession = "medecin", connu_le: Day = ""
    ) -> Response:
        question = Question(lieu, le, profession, known_on=connu_le)
        return _framed(await run_in_threadpool(_place_page, catalogue, question))

    @app.get("/carte-de-france", response_class=HTMLResponse, include_in_schema=False)
    async def country_page(
        le: Day, profession: Profession = "medecin", connu_le: Day = ""
    ) -> Response:
        question = Question("", le, profession, known_on=connu_le)
        return _framed(await run_in_threadpool(_country_page, catalogue, question))


def _framed(text: str) -> Response:
    """A map page carries its own policy; the outer one must not forbid what it holds."""
    return HTMLResponse(text, headers={"Content-Security-Policy": "frame-ancestors 'self'"})


def _place_page(catalogue: Catalogue, question: Question) -> str:
    from cesp_geo.outputs.maps import place_map
    from cesp_geo.outputs.maps.page import page_of

    known = question.days()["known_on"]
    return page_of(
        place_map(
            question.place,
            catalogue,
            question.day,
            profession=question.profession,
            known_on=known,
        )
    )


@lru_cache(maxsize=2)
def _country_page(catalogue: Catalogue, question: Question) -> str:
    from cesp_geo.outputs.maps import zoning_map
    from cesp_geo.outputs.maps.page import page_of

    known = question.days()["known_on"]
    return page_of(
        zoning_map(catalogue, question.day, profession=question.profession, known_on=known)
    )


def _api(app: FastAPI, catalogue: Catalogue, geocoder_address: str | None) -> None:
    def asked(
        lieu: str, le: str, profession: str, contrat: str, demande: str, liste: str, connu: str
    ) -> Question:
        return Question(lieu, le, profession, contrat, demande, liste, connu)

    @app.get("/api/verdict", operation_id="verdict")
    async def verdict(
        lieu: Text,
        le: Day,
        profession: Profession = "medecin",
        contrat_signe_le: Day = "",
        demande_le: Day = "",
        liste_publiee_le: Day = "",
        connu_le: Day = "",
    ) -> dict[str, Any]:
        """Say whether a place qualifies on a day, and why."""
        question = asked(
            lieu, le, profession, contrat_signe_le, demande_le, liste_publiee_le, connu_le
        )
        return in_words(verdict_of(question, catalogue)[0])

    @app.post("/api/verdicts", operation_id="verdicts")
    async def verdicts(batch: Batch) -> dict[str, list[Any]]:
        """Answer several questions; one that cannot be answered carries its error."""
        return {
            "reponses": await run_in_threadpool(
                lambda: [_answer(item.question(), catalogue) for item in batch.questions]
            )
        }

    @app.get("/api/suggestions", operation_id="suggestions")
    async def suggested(texte: Text, le: Day) -> dict[str, list[Any]]:
        """Suggest communes of a day by the beginning of their name or code."""
        return {"communes": suggestions(texte, le)}

    @app.get("/api/historique", operation_id="historique")
    async def history(
        lieu: Text, le: Day, profession: Profession = "medecin", connu_le: Day = ""
    ) -> dict[str, Any]:
        """Give every class a place ever had, from a first to a last day, both included."""
        question = Question(lieu, le, profession, known_on=connu_le)
        name, stretches = history_of(question, catalogue)
        return {
            "lieu": name,
            "periodes": [
                {
                    "commune": item.commune,
                    "du": item.start.isoformat(),
                    "au": item.last_day.isoformat(),
                    "arrete": item.order_id or None,
                    "classe": item.zone_class,
                    "lacune": item.gap,
                    "eligible": item.eligible,
                    "maintenable_jusqu_au": item.maintainable_until,
                    "mots": {
                        "classe": item.class_words,
                        "arrete": _titled(item.order) if item.order else "",
                    },
                }
                for item in stretches
            ],
        }

    @app.get("/historique.svg", include_in_schema=False)
    async def timeline(
        lieu: Text, le: Day, profession: Profession = "medecin", connu_le: Day = ""
    ) -> Response:
        question = Question(lieu, le, profession, known_on=connu_le)
        name, stretches = history_of(question, catalogue)
        return Response(timeline_svg(name, stretches), media_type="image/svg+xml")

    @app.get("/api/proches", operation_id="proches")
    async def nearest(
        lieu: Text, le: Day, profession: Profession = "medecin", connu_le: Day = ""
    ) -> dict[str, list[Any]]:
        """Give the nearest eligible places, with their distance in metres."""
        question = Question(lieu, le, profession, known_on=connu_le)
        return {"lieux": await run_in_threadpool(nearest_to, question, catalogue)}

    @app.get("/api/adresse", operation_id="adresse")
    async def address(texte: Text) -> dict[str, Any]:
        """Ask the national geocoder, if it was turned on when the program started."""
        if geocoder_address is None:
            raise UnknownPlace(
                "Le géocodeur n'est pas activé : les adresses ne quittent pas cet ordinateur. "
                "Donnez la commune, ou relancez avec --geocodeur."
            )
        found = await run_in_threadpool(geocoder.geocode, texte, geocoder_address)
        return {
            "lieu": f"{found.lat},{found.lon}",
            "libelle": found.label,
            "score": found.score,
        }


def _titled(order: Order) -> str:
    text = name_order(order).removeprefix("l'")
    return text[0].upper() + text[1:]


def _answer(question: Question, catalogue: Catalogue) -> dict[str, Any]:
    try:
        return in_words(verdict_of(question, catalogue)[0])
    except CespGeoError as error:
        status, code = status_of(error)
        return {"erreur": {"code": code, "message": str(error), "statut": status}}


def _files(app: FastAPI, catalogue: Catalogue) -> None:
    @app.get("/attestation.pdf", include_in_schema=False)
    async def attestation(
        lieu: Text,
        le: Day,
        profession: Profession = "medecin",
        contrat_signe_le: Day = "",
        demande_le: Day = "",
        liste_publiee_le: Day = "",
        connu_le: Day = "",
    ) -> Response:
        from cesp_geo.outputs.attestation import attestation as page

        question = Question(
            lieu, le, profession, contrat_signe_le, demande_le, liste_publiee_le, connu_le
        )
        found, place = verdict_of(question, catalogue)
        content = await run_in_threadpool(page, found, place, catalogue)
        return Response(
            content,
            media_type="application/pdf",
            headers={"Content-Disposition": 'attachment; filename="attestation.pdf"'},
        )

    @app.post("/api/fichier", operation_id="fichier")
    async def table(
        fichier: Annotated[UploadFile, File()],
        le: Annotated[str, Form(max_length=20)],
        genre: Annotated[Literal["sites", "fiches"], Form()] = "sites",
        profession: Annotated[str, Form(max_length=40)] = "medecin",
    ) -> Response:
        """Check a file of sites, or rank a file of follow-up sheets; a csv comes back."""
        content = await fichier.read(MOST_BYTES + 1)
        made = await run_in_threadpool(
            _table, catalogue, fichier.filename or "", content, le, genre, profession
        )
        return Response(
            made,
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="reponses.csv"'},
        )


def _table(
    catalogue: Catalogue, name: str, content: bytes, le: str, genre: str, profession: str
) -> bytes:
    """Check a file in a folder of its own, under a name of ours: only its extension is kept."""
    import tempfile

    from cesp_geo.inputs.sheets import read_sheets
    from cesp_geo.inputs.sites import read_site_table
    from cesp_geo.outputs.conflict_tables import write_ranking
    from cesp_geo.outputs.site_tables import write_sites
    from cesp_geo.siting.check import opening_of
    from cesp_geo.siting.conflicts import rank_projects
    from cesp_geo.siting.projects import projects_from_sheets
    from cesp_geo.siting.sites import check_sites

    opening_of(profession)
    day = Question("", le).day
    suffix = Path(name).suffix.lower()
    kept = suffix if suffix in (".csv", ".xlsx", ".gpkg", ".geojson", ".parquet") else ".csv"
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / f"fichier{kept}", Path(folder) / "reponses.csv"
        source.write_bytes(content)
        if genre == "sites":
            frame = check_sites(
                read_site_table(source), day, profession=profession, catalogue=catalogue
            )
            write_sites(frame, target)
        else:
            projects = projects_from_sheets(
                read_sheets(source), day, catalogue, profession=profession
            )
            write_ranking(rank_projects(projects, day), target)
        return target.read_bytes()
