"""What stands before every route: hosts, bounds, one form of error, the headers of an answer."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException

from cesp_geo.errors import CespGeoError
from cesp_geo.web.answers import FIELDS, status_of

MOST_BYTES = 20_000_000
MOST_AT_ONCE = 1000
SECONDS = 60
PAGES = frozenset({"/carte", "/carte-de-france"})
"""What a frame shows: an error is a page there too."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_NAMED = 10
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
_PAGE = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>Carte impossible</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/assets/page.css"></head>
<body><main><h1>La carte ne peut pas être dessinée</h1><p class="error">{message}</p></main></body>
</html>
"""
_UNKNOWN = {"extra_forbidden": "Paramètre inconnu", "repeated": "Paramètre répété"}
_HTTP = {
    400: "Le contenu envoyé ne peut pas être lu. Envoyez un formulaire entier, ou du JSON.",
    404: "Cette adresse n'existe pas.",
    405: "Cette adresse ne se demande pas ainsi.",
}


class Failure(BaseModel):
    """Every error: a stable code, what to mend, in French, and the field that it is about."""

    code: str
    message: str
    champ: str | None = None


def failure(
    request: Request, status: int, code: str, message: str, field: str | None = None
) -> Response:
    """Give an error: JSON, or a page where a frame shows it."""
    if request.url.path in PAGES:
        return HTMLResponse(_PAGE.format(message=escape(message)), status)
    return JSONResponse({"code": code, "message": message, "champ": field}, status)


def repeated(fields: ImmutableMultiDict[str, Any]) -> list[str]:
    """Give the names that a query or a form has more than once."""
    names = [name for name, _ in fields.multi_items()]
    return sorted({name for name in names if names.count(name) > 1})


def guard(app: FastAPI, hosts: Sequence[str]) -> None:
    """Check and bound every request, and dress every answer.

    Parameters
    ----------
    app : fastapi.FastAPI
    hosts : sequence of str
        Names under which it may be asked, ``*`` for any.
    """
    names = {name.strip("[]").lower() for name in hosts}
    at_once = asyncio.Semaphore(MOST_AT_ONCE)

    def refusal(request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if "*" not in names and _name_of(host) not in names:
            return failure(
                request, 400, "unknown_host",
                "Ce nom d'hôte n'est pas servi. Ouvrez l'adresse que « cesp-geo servir » affiche.",
            )  # fmt: skip
        if request.method not in _SAFE and _crosses(request, host):
            return failure(
                request, 403, "cross_site",
                "Cette requête vient d'un autre site. Refaites-la depuis la page du programme.",
            )  # fmt: skip
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return failure(
                request, 413, "too_large",
                f"La requête dépasse {MOST_BYTES // 1_000_000} Mo. Découpez-la.",
            )  # fmt: skip
        if request.headers.get("transfer-encoding"):
            return failure(
                request,
                411,
                "length_required",
                "La longueur de la requête manque.",
            )
        twice = repeated(request.query_params)
        if twice and request.url.path != "/":
            return _unknown(request, _UNKNOWN["repeated"], twice)
        return None

    @app.middleware("http")
    async def bounded(
        request: Request, proceed: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        answer = refusal(request)
        if answer is None and at_once.locked():
            answer = failure(
                request, 503, "too_busy", "Trop de requêtes à la fois. Réessayez dans un instant."
            )
        if answer is None:
            async with at_once:
                answer = await _within_time(request, proceed)
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    _handlers(app)


async def _within_time(
    request: Request, proceed: Callable[[Request], Awaitable[Response]]
) -> Response:
    try:
        async with asyncio.timeout(SECONDS):
            return await proceed(request)
    except TimeoutError:
        return failure(
            request, 503, "too_slow", "La réponse a pris trop de temps. Demandez moins à la fois."
        )
    except Exception as error:
        # Where it happened, without the values: they may be personal.
        last = traceback.extract_tb(error.__traceback__)[-1]
        logging.getLogger(__name__).error(
            "%s, %s ligne %s", type(error).__name__, Path(last.filename).name, last.lineno
        )
        return failure(
            request, 500, "internal_error",
            "Erreur imprévue du programme. Relancez « cesp-geo servir » ; si elle revient, "
            "signalez-la.",
        )  # fmt: skip


def _name_of(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _crosses(request: Request, host: str) -> bool:
    """Whether another site makes a browser send the request."""
    origin = request.headers.get("origin")
    elsewhere = origin is not None and origin.partition("://")[2].lower() != host.lower()
    return elsewhere or request.headers.get("sec-fetch-site") == "cross-site"


def _unknown(request: Request, what: str, names: Iterable[str]) -> Response:
    shown = sorted({_shown(name) for name in names})
    plural = "s" if len(shown) > 1 else ""
    what = " ".join(word + plural for word in what.split())
    return failure(
        request, 422, "unknown_parameter",
        f"{what} : {', '.join(shown[:_MOST_NAMED])}. Corrigez l'adresse ou le formulaire.",
    )  # fmt: skip


def _shown(name: object) -> str:
    """A name from outside, short and on one line."""
    return " ".join(str(name).split())[:40] or "(sans nom)"


def _handlers(app: FastAPI) -> None:
    @app.exception_handler(CespGeoError)
    async def known(request: Request, error: CespGeoError) -> Response:
        return failure(request, *status_of(error), str(error), error.field)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        found = error.errors()
        for kind, what in _UNKNOWN.items():
            if names := [item["loc"][-1] for item in found if item["type"] == kind]:
                return _unknown(request, what, names)
        fields = {item["loc"][-1] for item in found} & {*FIELDS, "fichier", "genre"}
        said = list(dict.fromkeys(map(_wrong, found)))[:_MOST_NAMED]
        return failure(
            request, 422, "bad_request", f"{' ; '.join(said)}.",
            fields.pop() if len(fields) == 1 else None,
        )  # fmt: skip

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        status = error.status_code
        answer = failure(
            request, status, "bad_body" if status == 400 else f"http_{status}",
            _HTTP.get(status, "Le programme refuse cette requête."),
        )  # fmt: skip
        answer.headers.update(error.headers or {})
        return answer


def _wrong(item: Any) -> str:
    """Say what is wrong in one place of a request."""
    kind, where, bounds = item["type"], item["loc"], item.get("ctx", {})
    if kind == "json_invalid":
        return f"Le JSON est mal écrit au caractère {where[-1]}"
    if len(where) < 2:
        return "Le contenu de la requête manque ou n'est pas un objet JSON"
    name = f"« {_shown(where[-1])} »"
    if isinstance(where[-1], int):
        name = f"L'élément n° {where[-1] + 1} de « {_shown(where[-2])} »"
    elif inside := [at for at, step in enumerate(where) if isinstance(step, int)]:
        at = inside[-1]
        name += f" (élément n° {where[at] + 1} de « {_shown(where[at - 1])} »)"
    if kind == "missing":
        return f"{name} manque"
    if kind == "string_too_long":
        return f"{name} dépasse {bounds['max_length']} caractères"
    if kind == "too_long":
        return f"{name} a plus de {bounds['max_length']} éléments"
    if kind == "literal_error":
        return f"{name} doit valoir {bounds['expected'].replace(' or ', ' ou ')}"
    return f"{name} est mal écrit"
