"""A browser on the marking page: it follows links and sends forms as they are there."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from grader.classroom.marking.app import application
from helpers.small_class import Class, result

if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import Response

TOKEN = "the-token"
HOST = "127.0.0.1:8000"
CODE = {"double.py": '"""Doubles."""\n\n\ndef double(number):\n    return 2 * number\n'}


def class_of_ada(root: Path) -> Class:
    """Return a class in which one student, Ada, has handed in something to mark."""
    work = Class(root)
    work.put("ada", result(8), CODE, name="Ada Alpha")
    return work


class Browser:
    """Somebody's browser, which follows links and sends forms as they are on the page."""

    def __init__(self, work: Class, author: str = "eve", **names: list[str]) -> None:
        self.client = TestClient(application(work.course, work.book, TOKEN, author, **names), f"http://{HOST}")
        self.page = self.client.get("/", params={"token": TOKEN})

    def open(self, student: str, exercise: str = "double", **query: str) -> Response:
        """Open a hand-in by the link in the list of everything."""
        listed = self.client.get("/", params={"show": "all", **query})
        links = re.findall(r'<a href="(/hand-in/[^"]+)"[^>]*><bdi>([^<]*)</bdi>', listed.text)
        [link] = [link for link, label in links if html.unescape(label) == student and exercise in link]
        self.page = self.client.get(html.unescape(link))
        return self.page

    def send(self, **typed: str | list[str]) -> Response:
        """Send the form of the page that is open, with some fields changed."""
        form = MarkingForm(self.page.text)
        fields = {**form.fields, **{name.replace("_", "-"): value for name, value in typed.items()}}
        self.page = self.client.post(form.action, data=fields, headers={"origin": f"http://{HOST}"})
        return self.page

    def rows(self, **query: str) -> list[str]:
        """Return whose hand-ins the list has."""
        page = self.client.get("/", params=query).text
        return [html.unescape(label) for label in re.findall(r"<td><a [^>]*><bdi>([^<]*)</bdi>", page)]

    def fields(self) -> dict[str, Any]:
        return MarkingForm(self.page.text).fields


class MarkingForm(HTMLParser):
    """The fields of a marking form, and where it is sent."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self._textarea = "", ""
        self.fields: dict[str, Any] = {}
        self.feed(page[page.index('<form id="marking"') :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("id") == "marking":
            self.action = given["action"]
        elif tag == "input" and given.get("type") != "checkbox":
            self.fields[given["name"]] = given.get("value", "")
        elif tag == "input" and given["name"] == "together":
            self.fields.setdefault("together", []).extend([given["value"]] if "checked" in given else [])
        elif tag == "textarea":
            self._textarea = given["name"]
            self.fields[self._textarea] = ""
        elif tag == "option" and "selected" in given:
            self.fields["attempt"] = given["value"]

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""
