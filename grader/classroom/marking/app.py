"""The website: its addresses, and what becomes of what a browser sends."""

from __future__ import annotations

import re
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from grader import faults
from grader.classroom.deciding import Decisions
from grader.classroom.formats.csv import number
from grader.classroom.gradebook import Overtaken
from grader.classroom.marking.code import visible
from grader.classroom.marking.disguise import Disguise, disguised
from grader.classroom.marking.form import Form, Reader, form_of, read_form, whole
from grader.classroom.marking.guard import Guard
from grader.classroom.marking.handin import handin_of, minute
from grader.classroom.marking.worklist import Filter, Show, Worklist
from grader.errors import UsageError
from grader.report.html import environment, verdict_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking.handin import HandIn
    from grader.classroom.records import Key
    from grader.course.model import Course

PAGE_ROWS = 50
_MOST_SENT = 1_000_000  # bytes of a form
_MOST_FIELDS = 1_000
_HERE = Path(str(files("grader.classroom.marking")))
_ANONYMOUS = "marking-anonymous"  # the cookie that hides names, until the browser is closed
_LOCAL = re.compile(r"/(hand-in/[\w./%~-]+)?(\?[\w.=&%+~*-]*)?")
_SEARCHED = re.compile(r"(?<=[?&])q=[^&]*&?")
_SAID = {
    "saved": "Saved.",
    "next": "Saved. This is the next one.",
    "last": "Saved. Nothing else is to be done here.",
    "nothing": "Nothing was changed, so nothing was saved.",
}


def application(course: Course, book: Gradebook, token: str, author: str = "", names: Sequence[str] = ()) -> ASGIApp:
    """Return the website of an open gradebook, for whoever has the token.

    Raises:
        UsageError: the course does not have such exercises, or the gradebook cannot be read.
    """
    site = _Site(course, book, author, names)
    website = Starlette(
        routes=[
            Route("/", site.list_page),
            Route("/anonymous", site.hide_names, methods=["POST"]),
            Route("/hand-in/{number}/{lesson}/{exercise}", site.handin_page),
            Route("/hand-in/{number}/{lesson}/{exercise}", site.save, methods=["POST"]),
            Route("/verdict.css", _style),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ],
        exception_handlers={HTTPException: site.refused, UsageError: site.refused, Exception: site.broken},
    )

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(Exception):  # Starlette raises it once more after a page has said it
            await website(scope, receive, send)

    return Guard(answering, token)


class _Place(NamedTuple):
    """One hand-in, as an address names it."""

    number: str
    student: str
    key: Key


class _Site:
    """The pages; those that use the gradebook run in threads."""

    def __init__(self, course: Course, book: Gradebook, author: str, names: Sequence[str]) -> None:
        self._course = course
        self._book = book
        self._decisions = Decisions(course, book, author)
        self._work = Worklist(course, book, names)
        self._templates = environment(_HERE / "templates")
        self._templates.globals.update(
            course=course.name, author=self._decisions.author, Show=Show, number=number, minute=minute
        )
        self._work.exercises()  # reads the class, so that what is wrong with it is said at the start

    # --- pages ----------------------------------------------------------------------------------------------------

    def list_page(self, request: Request) -> Response:
        """Return the list of what there is to mark."""
        wanted = _filter(request)
        listing = self._work.listing(wanted)
        pages = max(1, -(-len(listing.rows) // PAGE_ROWS))
        page = min(whole(request.query_params.get("page", "")) or 1, pages)
        return self._page(
            request,
            "list.html.jinja",
            rows=listing.rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS],
            counts=listing.counts,
            exercises=self._work.exercises(),
            page=page,
            pages=pages,
            name=lambda row: disguised(row.number) if wanted.anonymous else visible(row.label),
            said=_SAID.get(request.query_params.get("said", ""), ""),
        )

    def handin_page(self, request: Request) -> Response:
        """Return the page of one hand-in."""
        place = self._place(request)
        shown = handin_of(self._course, self._book, place.student, place.key)
        form = form_of(shown.student.record, shown.mark, shown.seen)
        return self._handin(request, place, shown, form, said=_SAID.get(request.query_params.get("said", ""), ""))

    async def save(self, request: Request) -> Response:
        """Store what was typed, or show it again with what is wrong with it."""
        sent = await _sent(request)
        return await run_in_threadpool(self._save, request, sent)

    def _save(self, request: Request, sent: dict[str, list[str]]) -> Response:
        place = self._place(request)
        shown = handin_of(self._course, self._book, place.student, place.key)
        current = form_of(shown.student.record, shown.mark, shown.seen)
        form = read_form(sent, current)
        decided = Reader(self._decisions, place.student, shown.mark, shown.texts).decided(form)
        if decided.errors:
            return self._handin(request, place, shown, form.with_errors(decided.errors), wrong=_WRONG, status=422)
        try:
            if decided.marks or decided.comments:
                seen = form.seen if decided.marks else None
                self._decisions.decide(place.student, "/".join(place.key), [*decided.marks, *decided.comments], seen)
            removed = [self._book.remove_comment(place.student, comment) for comment in form.removed]
        except Overtaken:
            return self._conflict(request, place, form)
        except UsageError as error:
            return self._handin(request, place, shown, form, wrong=f"{error} Nothing was saved.", status=503)
        done = bool(decided.marks or decided.comments or any(removed))
        return self._after_saving(request, place, done, further="further" in sent)

    def _conflict(self, request: Request, place: _Place, form: Form) -> Response:
        """Show what somebody else decided meanwhile, with what was typed on top of it."""
        shown = handin_of(self._course, self._book, place.student, place.key)
        current = form_of(shown.student.record, shown.mark, shown.seen)
        return self._handin(request, place, shown, form.over(current), wrong=_OVERTAKEN, status=409)

    def _after_saving(self, request: Request, place: _Place, done: bool, *, further: bool) -> Response:
        wanted = _filter(request)
        said = "saved" if done else "nothing"
        if further:
            following = self._work.around(place.student, place.key, wanted).following
            if following is None:
                return _to(_address("/", wanted, said="last"))
            said = "next" if done else ""
            return _to(_address(f"/hand-in/{following.number}/{'/'.join(following.exercise)}", wanted, said=said))
        return _to(_address(f"/hand-in/{place.number}/{'/'.join(place.key)}", wanted, said=said))

    async def hide_names(self, request: Request) -> Response:
        """Hide names, or show them again."""
        sent = await _sent(request)
        hidden = "" if _is_anonymous(request) else "1"
        back = _SEARCHED.sub("", sent.get("back", ["/"])[0])  # a search by name, or by number, finds nobody afterwards
        answer = _to(back if _LOCAL.fullmatch(back) else "/")
        answer.set_cookie(_ANONYMOUS, hidden, httponly=True, samesite="strict", path="/")
        return answer

    # --- what cannot be shown -------------------------------------------------------------------------------------

    def refused(self, request: Request, error: Exception) -> Response:
        """Return a page with a sentence, for what is not there or cannot be used at the moment."""
        if isinstance(error, HTTPException):
            return self._page(request, "message.html.jinja", status=error.status_code, sentence=error.detail)
        return self._page(request, "message.html.jinja", status=503, sentence=str(error))

    def broken(self, request: Request, error: Exception) -> Response:
        """Return a page that says that the grader broke."""
        faults.show(error)
        return self._page(request, "message.html.jinja", status=500, sentence=faults.sentence(error))

    # --- parts ----------------------------------------------------------------------------------------------------

    def _place(self, request: Request) -> _Place:
        number = request.path_params["number"]
        student = self._work.student_of(number)
        key = (request.path_params["lesson"], request.path_params["exercise"])
        known = {(exercise.lesson, exercise.name) for exercise in self._course.exercises}
        if student is None or key not in known:
            raise HTTPException(404, "There is no such hand-in: go back to the list.")
        return _Place(number, student, key)

    def _handin(
        self,
        request: Request,
        place: _Place,
        shown: HandIn,
        form: Form,
        *,
        said: str = "",
        wrong: str = "",
        status: int = 200,
    ) -> Response:
        wanted = _filter(request)
        around = self._work.around(place.student, place.key, wanted)
        who = Disguise(shown.student.record, place.number, wanted.anonymous)
        return self._page(
            request, "handin.html.jinja", status=status, shown=shown.disguised(who), form=form,
            place=place, around=around, who=who, said=said, wrong=wrong,
        )  # fmt: skip

    def _page(self, request: Request, template: str, *, status: int = 200, **values: object) -> Response:
        wanted = _filter(request)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        html = self._templates.get_template(template).render(
            anonymous=_is_anonymous(request), here=path, wanted=wanted,
            address=lambda to, show=wanted.show, page=0: _address(to, wanted._replace(show=show), page=page),
            **values,
        )  # fmt: skip
        return HTMLResponse(html, status)


_WRONG = "Nothing was saved yet: see the sentences in red."
_OVERTAKEN = (
    "Somebody decided about this meanwhile, or it was graded again. Nothing of yours was saved. Below are the marks as "
    "they are now, with what you typed on top: look, and save again."
)


def _style(_: Request) -> Response:
    return HTMLResponse(verdict_style(), media_type="text/css")


def _is_anonymous(request: Request) -> bool:
    return request.cookies.get(_ANONYMOUS) == "1"


def _filter(request: Request) -> Filter:
    """Return what an address asks for; what it cannot mean is left out."""
    asked = request.query_params
    show = asked.get("show", "")
    known = [each.value for each in Show]
    return Filter(
        Show(show) if show in known else Show.TO_MARK,
        asked.get("where", ""),
        asked.get("q", ""),
        _is_anonymous(request),
    )


def _address(to: str, wanted: Filter, said: str = "", page: int = 0) -> str:
    """Return an address that keeps the filter."""
    asked = {"show": wanted.show.value if wanted.show is not Show.TO_MARK else "", "where": wanted.where}
    asked |= {"q": wanted.search, "said": said, "page": str(page) if page > 1 else ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{to}?{query}" if query else to


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303)


async def _sent(request: Request) -> dict[str, list[str]]:
    """Return the fields of a form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_SENT:
            raise HTTPException(413, "That is too long to be saved: shorten it.")
    try:
        return parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace"
        )
    except ValueError as error:
        raise HTTPException(400, "The form cannot be read: go back and save again.") from error
