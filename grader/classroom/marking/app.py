"""The website: its addresses, and what becomes of what a browser sends."""

from __future__ import annotations

import functools
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
from grader.classroom.local_time import minute
from grader.classroom.marking.code import visible
from grader.classroom.marking.disguise import Disguise, disguised
from grader.classroom.marking.form import Reader, read_form, whole
from grader.classroom.marking.guard import BROWSER, Guard
from grader.classroom.marking.handin import attempt_of, handin_of
from grader.classroom.marking.visits import Visits
from grader.classroom.marking.worklist import Filter, Show, Worklist
from grader.classroom.records import Decision
from grader.errors import UsageError
from grader.report.html import environment, verdict_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking.form import Decided, Form
    from grader.classroom.marking.group import Member
    from grader.classroom.marking.handin import HandIn
    from grader.classroom.marking.worklist import Row
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
            Route("/next", site.go_on),
            Route("/next/{number}/{lesson}/{exercise}", site.go_on),
            Route("/hand-in/{number}/{lesson}/{exercise}", site.handin_page),
            Route("/hand-in/{number}/{lesson}/{exercise}/attempt/{attempt:int}", site.attempt_page),
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
        self._visits = Visits(book, self._decisions.author)
        self._work.exercises()  # reads the class, so that what is wrong with it is said at the start

    # --- pages ----------------------------------------------------------------------------------------------------

    def list_page(self, request: Request) -> Response:
        """Return the list of what there is to mark."""
        wanted = _filter(request)
        listing = self._work.listing(wanted)
        pages = max(1, -(-len(listing.rows) // PAGE_ROWS))
        page = min(whole(request.query_params.get("page", "")) or 1, pages)
        looking: dict[tuple[str, Key], list[str]] = {}
        for visit in self._visits.others(_browser(request)):
            looking.setdefault((visit.student, visit.exercise), []).append(visit.author)
        return self._page(
            request,
            "list.html.jinja",
            rows=listing.rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS],
            counts=listing.counts,
            exercises=self._work.exercises(),
            page=page,
            pages=pages,
            name=lambda row: disguised(row.number) if wanted.anonymous else visible(row.label),
            looking=lambda row: looking.get((row.student, row.exercise), ()),
            said=_SAID.get(request.query_params.get("said", ""), ""),
        )

    def handin_page(self, request: Request) -> Response:
        """Return the page of one hand-in."""
        place = self._place(request)
        shown = handin_of(self._course, self._book, place.student, place.key)
        self._visits.opened(_browser(request), place.student, place.key)
        said = _SAID.get(request.query_params.get("said", ""), "")
        return self._handin(request, place, shown, self._form(shown), said=said)

    def attempt_page(self, request: Request) -> Response:
        """Return the page of one attempt, which may be one that does not count."""
        place, number = self._place(request), request.path_params["attempt"]
        anonymous = _is_anonymous(request)
        shown = attempt_of(
            self._course, self._book, place.student, place.key, number,
            lambda student: Disguise(student.record, place.number, anonymous),
        )  # fmt: skip
        if shown is None:
            raise HTTPException(404, "There is no such attempt: go back to the list.")
        record = self._book.record(place.student)
        label = Disguise(record, place.number, anonymous).label if record is not None else ""
        return self._page(request, "attempt.html.jinja", shown=shown, place=place, label=label)

    def go_on(self, request: Request) -> Response:
        """Lead to the next hand-in that is to be done, and that nobody else has open if there is such a one."""
        wanted = _filter(request)
        if "number" in request.path_params:
            place = self._place(request)
            return self._to_next(request, self._work.around(place.student, place.key, wanted).ahead)
        return self._to_next(request, self._work.listing(wanted).rows)

    def _to_next(self, request: Request, ahead: Sequence[Row], said: str = "", last: str = "") -> Response:
        wanted, row = _filter(request), self._visits.claimed(_browser(request), ahead)
        if row is None:
            return _to(_address("/", wanted, said=last))
        return _to(_address(f"/hand-in/{row.number}/{'/'.join(row.exercise)}", wanted, said=said))

    async def save(self, request: Request) -> Response:
        """Store what was typed, or show it again with what is wrong with it."""
        sent = await _sent(request)
        return await run_in_threadpool(self._save, request, sent)

    def _save(self, request: Request, sent: dict[str, list[str]]) -> Response:
        place = self._place(request)
        shown = handin_of(self._course, self._book, place.student, place.key)
        form = read_form(sent, self._form(shown))
        decided = Reader(self._decisions, place.student, shown.mark, shown.texts).decided(form)
        if decided.errors:
            return self._handin(request, place, shown, form.with_errors(decided.errors), wrong=_WRONG, status=422)
        others = [each for each in shown.group if self._work.number_of(each.student) in form.together]
        try:
            decisions = [_decision(place.student, decided, form.seen), *self._for_others(form, shown, others)]
            done = any(each.decided for each in decisions)
            if done:
                self._book.decide(place.key, decisions)
            if form.removed:
                comments = [each for each in shown.student.record.comments if each.number in form.removed]
                twins = {each.student: each.twins(comments) for each in others}
                done |= self._book.remove_comments({place.student: form.removed, **twins})
        except Overtaken as error:
            return self._conflict(request, place, form, error.students)
        except UsageError as error:
            return self._handin(request, place, shown, form, wrong=f"{error} Nothing was saved.", status=503)
        return self._after_saving(request, place, done, further="further" in sent)

    def _for_others(self, form: Form, shown: HandIn, others: Sequence[Member]) -> list[Decision]:
        """Return the same decisions for others whose hand-in it is."""
        found = []
        for member in others:
            decided = Reader(self._decisions, member.student, member.mark, shown.texts).decided(form.for_others())
            found.append(_decision(member.student, decided, form.seen_of[self._work.number_of(member.student)]))
        return found

    def _conflict(self, request: Request, place: _Place, form: Form, students: Sequence[str]) -> Response:
        """Show what somebody else decided meanwhile about some students, with what was typed on top of it."""
        shown = handin_of(self._course, self._book, place.student, place.key)
        numbers = [self._work.number_of(student) for student in students]
        labels = [
            Disguise(member.marks.record, number, _is_anonymous(request)).label
            for member in shown.group
            if (number := self._work.number_of(member.student)) in numbers
        ]
        about = f" Of the others, this is about {', '.join(labels)}, who got no tick any more." if labels else ""
        form = form.over(self._form(shown), numbers)
        return self._handin(request, place, shown, form, wrong=_OVERTAKEN + about, status=409)

    def _after_saving(self, request: Request, place: _Place, done: bool, *, further: bool) -> Response:
        wanted = _filter(request)
        said = "saved" if done else "nothing"
        if further:
            ahead = self._work.around(place.student, place.key, wanted).ahead
            return self._to_next(request, ahead, "next" if done else "", "last")
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

    def _form(self, shown: HandIn) -> Form:
        return shown.form(self._work.number_of)

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
        numbers = {self._work.number_of(member.student): member for member in shown.group}
        group = [
            (number, Disguise(member.marks.record, number, wanted.anonymous), member)
            for number, member in numbers.items()
        ]
        here = (place.student, place.key)
        looking = [v for v in self._visits.others(_browser(request)) if (v.student, v.exercise) == here]
        return self._page(
            request, "handin.html.jinja", status=status, shown=shown.disguised(who), form=form, group=group,
            place=place, around=around, who=who, said=said, wrong=wrong, looking=looking,
        )  # fmt: skip

    def _page(self, request: Request, template: str, *, status: int = 200, **values: object) -> Response:
        wanted = _filter(request)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        html = _templates().get_template(template).render(
            course=self._course.name, author=self._decisions.author,
            anonymous=_is_anonymous(request), here=path, wanted=wanted,
            address=lambda to, show=wanted.show, page=0: _address(to, wanted._replace(show=show), page=page),
            **values,
        )  # fmt: skip
        return HTMLResponse(html, status)


@functools.cache
def _templates() -> jinja2.Environment:
    templates = environment(_HERE / "templates")
    templates.globals.update(Show=Show, number=number, minute=minute)
    return templates


_WRONG = "Nothing was saved yet: see the sentences in red."
_OVERTAKEN = (
    "Somebody decided about this meanwhile, or it was graded again. Nothing of yours was saved. Below are the marks as "
    "they are now, with what you typed on top: look, and save again."
)


def _decision(student: str, decided: Decided, seen: str) -> Decision:
    """Return what is stored about a student; comments alone are added to whatever others decide."""
    return Decision(student, [*decided.marks, *decided.comments], seen if decided.marks else None)


def _browser(request: Request) -> str:
    return request.cookies.get(BROWSER, "")


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
