"""Acting: the addresses that change something, for people by forms and for programs by a token."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from reconciler.errors import ConfigError
from reconciler.model.side import Side
from reconciler.web.api import as_json
from reconciler.web.hands import Busy, Hands, NotThere
from reconciler.web.instance import Instance
from reconciler.web.pages import COOKIE, Pages
from reconciler.web.query import id_in, item_in
from reconciler.web.session import LASTS_S, Session, Sessions

BODY_BYTES_MAX = 10_000

READ_ONLY = "everything here is read-only, since dashboard.token is not set"


def acting_routes(instance: Instance, sessions: Sessions, pages: Pages) -> list[Route]:
    """Signing in and out, and the two deeds. Without a token all of them are refused."""
    acting = _Acting(instance, sessions, pages)
    return [
        Route("/login", acting.show_login, methods=["GET"]),
        Route("/login", acting.log_in, methods=["POST"]),
        Route("/logout", acting.log_out, methods=["POST"]),
        Route("/conflicts/{id:int}/resolve", acting.resolve_by_form, methods=["POST"]),
        Route("/items/{mapping}/{side}/{key:path}/retry", acting.retry_by_form, methods=["POST"]),
        Route("/api/conflicts/{id:int}/resolve", acting.resolve_by_program, methods=["POST"]),
        Route("/api/items/{mapping}/{side}/{key:path}/retry", acting.retry_by_program, methods=["POST"]),
    ]


class _Acting:
    def __init__(self, instance: Instance, sessions: Sessions, pages: Pages) -> None:
        self._instance, self._sessions, self._pages = instance, sessions, pages

    # --- signing in --------------------------------------------------------------------------------------------------

    def show_login(self, request: Request) -> Response:
        self._hands()
        return self._pages.render(request, "login", {"wrong": False, "back": _local(request.query_params.get("back"))})

    async def log_in(self, request: Request) -> Response:
        self._hands()
        _require_own_page(request)
        form = await _form(request)
        back = _local(form.get("back"))
        session = self._sessions.begin(form.get("token", ""))
        if session is None:
            return self._pages.render(request, "login", {"wrong": True, "back": back}, 403)
        answer = RedirectResponse(back, 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, session.id, int(LASTS_S), httponly=True, samesite="strict", secure=secure)
        return answer

    async def log_out(self, request: Request) -> Response:
        session, _ = await self._signed_in(request)
        self._sessions.end(session)
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    # --- deeds, by form ----------------------------------------------------------------------------------------------

    async def resolve_by_form(self, request: Request) -> Response:
        _, form = await self._signed_in(request)
        await self._do(lambda hands: hands.resolve(id_in(request), _side(form.get("winner"))))
        return RedirectResponse(_local(form.get("back")), 303)

    async def retry_by_form(self, request: Request) -> Response:
        _, form = await self._signed_in(request)
        await self._do(lambda hands: hands.retry(item_in(request)))
        return RedirectResponse(_local(form.get("back")), 303)

    # --- deeds, by program -------------------------------------------------------------------------------------------

    async def resolve_by_program(self, request: Request) -> Response:
        self._require_token(request)
        winner = _side((await _document(request)).get("winner"))
        await self._do(lambda hands: hands.resolve(id_in(request), winner))
        return as_json({"conflict": id_in(request), "winner": winner}, 202)

    async def retry_by_program(self, request: Request) -> Response:
        self._require_token(request)
        meant = item_in(request)
        await self._do(lambda hands: hands.retry(meant))
        return as_json({"mapping": meant.mapping, "side": meant.side, "key": meant.key}, 202)

    # --- who may -----------------------------------------------------------------------------------------------------

    def _hands(self) -> Hands:
        if self._instance.hands is None or not self._sessions.token:
            raise HTTPException(403, READ_ONLY)
        return self._instance.hands

    async def _signed_in(self, request: Request) -> tuple[Session, dict[str, str]]:
        """The session and the form, which has to come from a page of that session."""
        self._hands()
        _require_own_page(request)
        session = self._sessions.find(request.cookies.get(COOKIE))
        form = await _form(request)
        if session is None:
            raise HTTPException(403, "you are not signed in (any more); sign in and try again")
        if form.get("csrf") != session.csrf:
            raise HTTPException(403, "this form is from an older page; load it again")
        return session, form

    def _require_token(self, request: Request) -> None:
        self._hands()
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._sessions.accepts(token.strip()):
            raise HTTPException(401, "say who you are: Authorization: Bearer TOKEN", {"www-authenticate": "Bearer"})

    async def _do(self, deed: Callable[[Hands], None]) -> None:
        try:
            await run_in_threadpool(deed, self._hands())
        except NotThere:
            raise HTTPException(404) from None
        except Busy:
            sentence = "a cycle is under way and takes its time; nothing was done, try again in a moment"
            raise HTTPException(503, sentence, {"retry-after": "10"}) from None
        except ConfigError as error:
            raise HTTPException(409, "; ".join(error.problems)) from None


def _require_own_page(request: Request) -> None:
    """Refuses forms that pages of others send. Browsers say where a request comes from, and no page can change that."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    foreign = site not in ("same-origin", "none") if site else origin and urlsplit(origin).netloc != request.url.netloc
    if foreign:
        raise HTTPException(403, "this form was sent by another page")


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise HTTPException(413, "that is more than anybody has to say here")
    return body


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await _body(request)).decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))


async def _document(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(await _body(request))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise HTTPException(400, 'the body has to be JSON such as {"winner": "left"}')
    return found


def _side(text: object) -> Side:
    if text not in ("left", "right"):
        raise HTTPException(400, "winner has to be left or right")
    return "left" if text == "left" else "right"


def _local(path: str | None) -> str:
    """A page of ours to go back to, whatever was asked for."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(sign) < 32 for sign in path):
        return "/"
    return path
