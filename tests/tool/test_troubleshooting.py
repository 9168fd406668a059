"""The page on messages quotes none that the grader does not say any more."""

from __future__ import annotations

import ast
import functools
import re

import pytest

from helpers.documented import PROJECT

pytestmark = pytest.mark.light

PAGE = (PROJECT / "docs/troubleshooting.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE)
SECTIONS = re.split(r"^##+ .*$", PAGE, flags=re.MULTILINE)
VARIES = "…"
LEAST_LETTERS = 8  # what stays of a message without its variable parts


@functools.cache
def messages() -> tuple[str, ...]:
    """Return every text in the grader's source, with a sign in the place of what varies."""
    found: list[str] = []
    for path in (PROJECT / "grader").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else VARIES for part in node.values]
                found.append("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return tuple(found)


def is_said(quoted: str) -> bool:
    """Tell whether one text of the source has all fixed parts of a message, in their order."""
    pattern = re.compile(".*".join(map(re.escape, re.split(rf"\s*{VARIES}\s*", quoted))), re.DOTALL)
    return any(pattern.search(message) for message in messages())


@pytest.mark.parametrize("quoted", QUOTED)
def test_a_message_that_is_quoted_is_still_said(quoted: str) -> None:
    assert len(quoted.replace(VARIES, "").strip()) >= LEAST_LETTERS
    assert is_said(quoted), "No text in grader/ says this any more: quote what it says now."


def test_every_heading_quotes_a_message_once() -> None:
    headings = re.findall(r"^### .*$", PAGE, re.MULTILINE)
    assert len(headings) == len(QUOTED) == len(set(QUOTED))


def test_a_message_that_nobody_says_is_noticed() -> None:
    assert not is_said("No course was found: " + "buy one.")
