"""Lets nobody use the marking page but the person who was given its address, and no other website through them.

Whoever opens the address with the token gets a cookie, and the token leaves the address. Names of other hosts are
refused, so that no other site can have its own name point here; what changes something must come from these pages; and
a policy forbids scripts, styles, pictures and frames from elsewhere.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BROWSER = "marking-browser"  # the cookie that tells browsers apart
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_READING = ("GET", "HEAD")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with "no-referrer", browsers hide where a form comes from
}


class Guard:
    """The part of the website that every request and every answer passes."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        """Take what answers those who may ask, and the token that the address has."""
        self._app = app
        self._token = token
        # Browsers send cookies to every port of a host: this one is not the token, and has a name of its own.
        self._cookie = f"marking-{_hash(token, 'name')[:8]}"
        self._pass = _hash(token, "pass")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower().encode(): value.encode() for name, value in HEADERS.items()}
                kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in names]
                message = {**message, "headers": [*kept, *names.items()]}
            await send(message)

        request = Request(scope)
        answer = self._refusal(request) or self._entrance(request) or self._app
        await answer(scope, receive, send_with_headers)

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if _host_name(host) not in _LOOPBACK:
            return _refused("This page answers on this machine only: open the address that `grade marking` shows.")
        origin = request.headers.get("origin")
        if request.method not in _READING and origin != f"http://{host}":
            return _refused("This was sent by another website, so nothing was changed.")
        return None

    def _entrance(self, request: Request) -> Response | None:
        token = request.query_params.get("token")
        if token is not None and request.method in _READING and _same(token, self._token):
            entered = RedirectResponse("/", status_code=303)
            entered.set_cookie(self._cookie, self._pass, httponly=True, samesite="strict", path="/")
            if BROWSER not in request.cookies:
                entered.set_cookie(BROWSER, secrets.token_hex(8), httponly=True, samesite="strict", path="/")
            return entered
        if not _same(request.cookies.get(self._cookie, ""), self._pass):
            return _refused("Open the whole address that `grade marking` shows, with its token.")
        return None


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _hash(token: str, purpose: str) -> str:
    return hashlib.sha256(f"{purpose} {token}".encode()).hexdigest()


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode("utf-8", "replace"), other.encode())


def _refused(sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status_code=403)
