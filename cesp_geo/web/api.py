"""The answers as JSON, and the files to take away."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from cesp_geo.errors import CespGeoError, UnknownPlace
from cesp_geo.outputs.timeline import timeline_svg
from cesp_geo.siting.replay import reference_of
from cesp_geo.web import geocoder
from cesp_geo.web.answers import (
    Question,
    about,
    answer_to,
    history_of,
    nearest_to,
    status_of,
    suggestions,
    titled,
    verdict_of,
)
from cesp_geo.web.guard import MOST_BYTES, repeated
from cesp_geo.web.questions import Address, Asked, AskedPlace, Batch, Sent, Typed
from cesp_geo.web.uploads import table_of
from cesp_geo.zonings.catalogue import Catalogue


def router(catalogue: Catalogue, geocoder_address: str | None) -> APIRouter:
    """Give every route that answers with data.

    Parameters
    ----------
    catalogue : Catalogue
    geocoder_address : str or None
        None where no address may leave this machine.
    """
    routes = APIRouter()
    _answers(routes, catalogue)
    _places(routes, catalogue, geocoder_address)
    _files(routes, catalogue)
    return routes


def _answers(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.get("/api/verdict", operation_id="verdict")
    async def verdict(asked: Annotated[Asked, Query()]) -> dict[str, Any]:
        """Say whether a place qualifies on a day, and why."""
        return answer_to(asked.question(), catalogue)

    @routes.post("/api/verdicts", operation_id="verdicts")
    async def verdicts(batch: Batch) -> dict[str, list[Any]]:
        """Answer several questions; one that cannot be answered carries its error."""
        return {
            "reponses": await run_in_threadpool(
                lambda: [_answer(item.question(), catalogue) for item in batch.questions]
            )
        }

    @routes.get("/verdict.json", include_in_schema=False)
    async def verdict_file(asked: Annotated[Asked, Query()]) -> Response:
        import json

        plain = verdict_of(asked.question(), catalogue)[0].to_json()
        text = json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
        return _download(text, "application/json", f"{reference_of(plain)}.json")

    @routes.get("/attestation.pdf", include_in_schema=False)
    async def attestation(asked: Annotated[Asked, Query()]) -> Response:
        from cesp_geo.outputs.attestation import attestation as page

        found, place = verdict_of(asked.question(), catalogue)
        content = await run_in_threadpool(page, found, place, catalogue)
        return _download(content, "application/pdf", f"{reference_of(found.to_json())}.pdf")


def _answer(question: Question, catalogue: Catalogue) -> dict[str, Any]:
    try:
        return answer_to(question, catalogue)
    except CespGeoError as error:
        status, code = status_of(error)
        said = {"code": code, "message": str(error), "champ": error.field, "statut": status}
        return {"erreur": said}


def _download(content: bytes | str, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


def _places(routes: APIRouter, catalogue: Catalogue, geocoder_address: str | None) -> None:
    @routes.get("/api/suggestions", operation_id="suggestions")
    async def suggested(typed: Annotated[Typed, Query()]) -> dict[str, list[Any]]:
        """Suggest communes of a day by the beginning of their name or code, or by postcode."""
        day = Question("", typed.le).day
        return {"communes": await run_in_threadpool(suggestions, typed.texte, day)}

    @routes.get("/api/historique", operation_id="historique")
    async def history(asked: Annotated[AskedPlace, Query()]) -> dict[str, Any]:
        """Give every class a place ever had, from a first to a last day, both included."""
        name, stretches, _ = history_of(asked.question(), catalogue)
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
                        "reponse": item.answer_words,
                        "arrete": titled(item.order) if item.order else "",
                    },
                }
                for item in stretches
            ],
        }

    @routes.get("/historique.svg", include_in_schema=False)
    async def timeline(asked: Annotated[AskedPlace, Query()]) -> Response:
        picture = timeline_svg(*history_of(asked.question(), catalogue))
        return Response(picture, media_type="image/svg+xml")

    @routes.get("/api/proches", operation_id="proches")
    async def nearest(asked: Annotated[AskedPlace, Query()]) -> dict[str, list[Any]]:
        """Give the nearest eligible places, with their distance in metres."""
        return {"lieux": await run_in_threadpool(nearest_to, asked.question(), catalogue)}

    @routes.get("/api/adresse", operation_id="adresse")
    async def address(asked: Annotated[Address, Query()]) -> dict[str, Any]:
        """Ask the geocoder, if it was turned on when the program started."""
        with about("lieu"):
            if geocoder_address is None:
                raise UnknownPlace(
                    "Le géocodeur n'est pas activé : les adresses ne quittent pas cet "
                    "ordinateur. Donnez la commune, ou relancez avec --geocodeur."
                )
            found = await run_in_threadpool(geocoder.geocode, asked.texte, geocoder_address)
        return {
            "lieu": f"{found.lat},{found.lon}",
            "libelle": found.label,
            "score": found.score,
        }


def _files(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.post("/api/fichier", operation_id="fichier")
    async def table(
        request: Request, sent: Annotated[Sent, Form(media_type="multipart/form-data")]
    ) -> Response:
        """Check a file of sites, or rank a file of follow-up sheets; a csv comes back."""
        if twice := repeated(await request.form()):
            raise RequestValidationError([{"type": "repeated", "loc": (name,)} for name in twice])
        content = await sent.fichier.read(MOST_BYTES + 1)
        made = await run_in_threadpool(
            table_of, catalogue, sent.fichier.filename or "", content, sent.le, sent.genre,
            sent.profession,
        )  # fmt: skip
        return _download(made, "text/csv; charset=utf-8", "reponses.csv")
