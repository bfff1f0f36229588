"""The server: from a request to a view, and from what the view returns to a page or its JSON twin."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Middleware

import arenas
from arenas.errors import ArenaError
from library.errors import LibraryError
from library.errors import NotFound as NotInLibrary
from mascript.errors import MascriptError, NotFound, WorkspaceError
from mascript.journal import Workspace
from mascript.plain import plain
from mascript.web.asking import Ask, BadQuestion
from mascript.web.guard import HEADERS, Gate, sent_by_another_site
from mascript.web.live import Watch
from mascript.web.render import Shell, assets, prepare, render
from mascript.web.routes import ROUTES, Route
from mascript.web.theatre import WAITING, Busy, Theatre, TooLong
from mascript.web.views.library import library_page

READERS = 4
"""Requests that read at the same time; the others wait."""
WATCHERS = WAITING + 2
"""Requests for pages that play; more than may wait for the stage, so that the others are told so."""
MOST_BODY = 4096
"""Bytes of a request's body; the only one that is read holds a token."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Trouble:
    """What went wrong, for the reader of a page. Made here; read by the template `error`."""

    status: int
    title: str
    message: str


def application(workspace: Path, gate: Gate, port: int = 0) -> web.Application:
    """Return the application that shows one workspace.

    Args:
        workspace: the file; opened read-only anew for every request, in the thread that reads it.
        gate: who may read.
        port: which is part of the cookie's name: cookies are one for all ports of a machine.
    """
    house = _House(workspace, gate, f"mascript-{port}")
    app = web.Application(middlewares=[house.guard], client_max_size=MOST_BODY)
    watch = Watch(workspace)
    app.on_shutdown.append(watch.close)
    app.on_startup.append(house.open)
    app.on_cleanup.append(house.close)
    app.router.add_get("/", _to_runs)
    app.router.add_get("/live", watch.stream)
    app.router.add_get("/static/{name}", house.asset)
    app.router.add_post("/enter", house.enter)
    for route in ROUTES:
        app.router.add_get(route.pattern, house.page(route))
        app.router.add_get(f"{route.pattern}.json", house.page(route, as_json=True))
    return app


def warm_up(workspace: Path) -> None:
    """Load what the first reader would wait for: all templates, the specs of arenas, the index of the library."""
    prepare(route.template for route in ROUTES)
    for name in arenas.names():
        arenas.get(name)
    with suppress(MascriptError, LibraryError), Workspace.open(workspace, read_only=True) as opened:
        library_page(opened, Ask())  # what is wrong with the file is said on every page


async def _to_runs(_: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "/runs"})


class _House:
    """What the handlers share. Made by `application`."""

    def __init__(self, workspace: Path, gate: Gate, cookie: str) -> None:
        self._workspace = workspace
        self._gate = gate
        self._cookie = cookie
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._watchers = ThreadPoolExecutor(WATCHERS, thread_name_prefix="watcher")
        self._theatre = Theatre(workspace)
        self._assets = assets()

    async def open(self, _: web.Application) -> None:
        """Warm up beside the first requests."""
        asyncio.get_running_loop().run_in_executor(self._watchers, warm_up, self._workspace)

    async def close(self, _: web.Application) -> None:
        """End what is played, so that nobody waits for it, and read no more."""
        self._theatre.close()
        for pool in (self._readers, self._watchers):
            pool.shutdown(wait=False, cancel_futures=True)

    @property
    def guard(self) -> Middleware:
        """Check who asks before anything is read, and put the headers on whatever is answered."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                response = await self._admitted(request, handler)
            except web.HTTPException as error:
                response = self._refused(request, error)
            if not response.prepared:
                response.headers.update(HEADERS)
                response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    async def _admitted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._gate.knows(request.host):
            message = "This server answers under the names of its own machine only. Open the address that `mascript serve` printed."
            return self._say(request, Trouble(421, "Not under this name", message))
        open_to_all = request.path == "/enter" or request.path.startswith("/static/")
        shown = request.cookies.get(self._cookie, ""), request.headers.get("Authorization", "")
        if not open_to_all and not self._gate.admits(*shown):
            return self._say(request, Trouble(401, "A token, please", "This workspace is shown to those who have its token."))
        return await handler(request)

    def page(self, route: Route, as_json: bool = False) -> Handler:
        """Return the handler of a route, for the page or for its twin."""

        async def answer(request: web.Request) -> web.StreamResponse:
            wanted = as_json or _wants_json(request)
            if route.plays and sent_by_another_site(request.headers):
                return self._say(
                    request, Trouble(403, "Not from another page", "Open this address itself: it plays an episode."), wanted
                )
            query = {name: request.query[name] for name in request.query}
            ask = Ask(dict(request.match_info), query, self._theatre.ask if route.plays else None)
            readers = self._watchers if route.plays else self._readers
            loop = asyncio.get_running_loop()
            try:
                text = await loop.run_in_executor(readers, self._read, route, ask, wanted, str(request.rel_url))
            except (MascriptError, ArenaError, LibraryError) as error:
                return self._say(request, _trouble(error), wanted)
            except Exception:  # noqa: BLE001 - a defect of a view must not end the server; its terminal shows where it is
                traceback.print_exc(file=sys.stderr)
                message = "This is a defect of mascript; the terminal that serves shows where. The workspace is not changed by it."
                return self._say(request, Trouble(500, "This page failed", message), wanted)
            kind = "application/json" if wanted else "text/html"
            return web.Response(text=text, content_type=kind, charset="utf-8", headers={"Vary": "Accept"})

        return answer

    def _read(self, route: Route, ask: Ask, as_json: bool, address: str) -> str:
        """Open, view and render in one thread: a connection of SQLite's belongs to the thread that made it."""
        with Workspace.open(self._workspace, read_only=True) as workspace:
            found = route.view(workspace, ask)
            if as_json:
                return json.dumps(plain(found), ensure_ascii=False)
            return render(route.template, found, self._shell(address, route.place))

    def _shell(self, address: str, place: str = "") -> Shell:
        return Shell(self._workspace.name, address, place)

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """One of the files of this package by its name; nothing else can be named."""
        found = self._assets.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        tag = f'"{hashlib.sha256(found.body).hexdigest()[:20]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=found.body, content_type=found.kind, charset="utf-8", headers=headers)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Take the token and give a cookie that no script can read and no other site can send."""
        form = await request.post()
        if not self._gate.opens(str(form.get("token", ""))):
            return self._say(request, Trouble(401, "Not this token", "The token is not the one that this server was started with."))
        response = web.Response(status=303, headers={"Location": "/runs"})
        response.set_cookie(self._cookie, self._gate.pass_for_cookie, httponly=True, samesite="Strict")
        return response

    def _refused(self, request: web.Request, error: web.HTTPException) -> web.StreamResponse:
        """Errors of the server itself as written pages."""
        match error.status:
            case 404:
                said = Trouble(404, "No such page", "Nothing has this address. The runs and the library are linked above.")
            case 405:
                said = Trouble(405, "Only reading", "Pages are read with GET; nothing here changes a workspace.")
            case status:
                said = Trouble(status, "This cannot be answered", error.reason)
        response = self._say(request, said)
        response.headers.update({name: error.headers[name] for name in ("Allow",) if name in error.headers})
        return response

    def _say(self, request: web.Request, said: Trouble, as_json: bool = False) -> web.Response:
        if as_json or _wants_json(request) or request.path.endswith(".json"):
            return web.json_response({"error": plain(said)}, status=said.status)
        text = render("error.html.j2", said, self._shell(str(request.rel_url)))
        return web.Response(text=text, status=said.status, content_type="text/html", charset="utf-8")


def _trouble(error: MascriptError | ArenaError | LibraryError) -> Trouble:
    if isinstance(error, NotFound | NotInLibrary):
        return Trouble(404, "Not found", str(error))
    if isinstance(error, BadQuestion):
        return Trouble(400, "This cannot be read", str(error))
    if isinstance(error, Busy | TooLong):
        return Trouble(503, "Not now" if isinstance(error, Busy) else "Too long to be shown", str(error))
    if isinstance(error, WorkspaceError):
        return Trouble(503, "The workspace cannot be read", str(error))
    return Trouble(500, "This cannot be shown", str(error))


def _wants_json(request: web.Request) -> bool:
    """Whether the asker prefers JSON: it names it, and not HTML."""
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted and "text/html" not in accepted
