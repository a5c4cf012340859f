"""Pages: the addresses for people."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from reconciler import __version__
from reconciler.log import redact
from reconciler.web import views
from reconciler.web.instance import Instance
from reconciler.web.query import PAGE_MAX, LogQuery, id_in, item_in, number
from reconciler.web.session import Sessions
from reconciler.web.words import lasting, percent, sentence, short, when

NAVIGATION = (
    ("/", "Overview"),
    ("/conflicts", "Conflicts"),
    ("/waiting", "Waiting"),
    ("/log", "Log"),
    ("/runs", "Runs"),
    ("/mappings", "Mappings"),
    ("/requests", "Requests"),
)

EVENTS_A_PAGE = 50

COOKIE = "reconciler"

STATIC = Path(__file__).parent / "static"

Show = Callable[[Request], Response]


class Pages:
    """Renders every page; safe to use from several threads."""

    def __init__(self, instance: Instance, sessions: Sessions) -> None:
        self._instance = instance
        self._sessions = sessions
        self._can_sign_in = bool(sessions.token) and instance.hands is not None
        self._templates = Environment(
            loader=PackageLoader("reconciler.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {
            "lasting": lasting,
            "percent": percent,
            "sentence": sentence,
            "short": short,
            "path": _path,
        }
        self._templates.globals |= {"navigation": NAVIGATION, "version": __version__, "address": _address}

    def routes(self) -> list[BaseRoute]:
        instance = self._instance
        shown: dict[str, tuple[str, Callable[[Request], views.View | None]]] = {
            "/": ("overview", lambda _: views.overview(instance)),
            "/conflicts": ("conflicts", lambda _: views.conflicts(instance)),
            "/waiting": ("waiting", lambda _: views.waiting(instance)),
            "/log": ("log", lambda r: views.log(instance, LogQuery.read(r.query_params, EVENTS_A_PAGE))),
            "/runs": ("runs", lambda r: views.runs(instance, _page(r))),
            "/runs/{id:int}": ("run", lambda r: views.run(instance, id_in(r), _page(r))),
            "/items/{mapping}/{side}/{key:path}": ("item", lambda r: views.item(instance, item_in(r), _page(r))),
            "/mappings": ("mappings", lambda _: views.mappings(instance)),
            "/requests": ("requests", lambda _: views.requests(instance)),
        }
        return [
            *(Route(path, self._showing(name, view)) for path, (name, view) in shown.items()),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    def _showing(self, name: str, view: Callable[[Request], views.View | None]) -> Show:
        def show(request: Request) -> Response:
            found = view(request)
            if found is None:
                raise HTTPException(404)
            return self.render(request, name, found)

        return show

    def render(self, request: Request, name: str, view: dict[str, Any], code: int = 200) -> Response:
        """A page; never a secret, whichever value it stands in."""
        now = self._instance.clock.now()
        text = self._templates.get_template(f"{name}.html").render(
            **view,
            now=now,
            request=request,
            when=partial(when, now=now),
            session=self._sessions.find(request.cookies.get(COOKIE)),
            can_sign_in=self._can_sign_in,
        )
        return HTMLResponse(redact(text), code)

    def problem(self, request: Request, code: int, sentence: str) -> Response:
        """A page about what is wrong with the address or the store."""
        return self.render(request, "problem", {"code": code, "sentence": sentence}, code)


def _page(request: Request) -> int:
    return number(request.query_params, "page", 1, PAGE_MAX)


def _path(item: views.Named) -> str:
    """The address of an item's page."""
    return f"/items/{quote(item.mapping, safe='')}/{item.side}/{quote(item.key)}"


def _address(path: str, **query: Any) -> str:
    found = {name: value for name, value in query.items() if value not in ("", None)}
    return f"{path}?{urlencode(found)}" if found else path
