"""Texts that were typed into a platform: code is taken out as it was typed, and what is not code is left out."""

from __future__ import annotations

import pytest

from grader.classroom.text_entry import code_of, text_of
from helpers.doubling import GOOD

pytestmark = pytest.mark.light


@pytest.mark.parametrize(
    "page",
    [
        f"<pre>{GOOD}</pre>",
        "<p>def double(number):<br>&nbsp;&nbsp;&nbsp; return 2 * number</p>",
        "<p>def double(number):</p>\n<p>&nbsp; &nbsp; return 2 * number</p>",
        "<div>def double(number):</div><div>\xa0\xa0return 2 * number</div>",
        "<p><span>def</span> double(number):<br/>\n&nbsp;return 2 *\nnumber</p>",
        "<ul><li>def double(number): return 2 * number</li></ul>",
        "<style>p { color: red }</style><p>def double(number): return 2 * number</p><script>x(</script>",
        f"<pre><code>{GOOD}</code></pre>",
        f"<p>```python</p><pre>{GOOD}</pre><p>```</p>",
        "<pre>def double(number):\r\n    return 2 * number if number &lt; 3 else number * 2\r\n</pre>",
        "\ufeff<p>def double(number): return 2 * number</p>",
        "<p>def double(number): return 2 * number</p><!-- cut off",
        "<!DOCTYPE html><!-- <p>a</p> --><p>def double(number): return 2 * number</p>",
    ],
)
def test_code_in_a_page_is_taken_out_as_it_was_typed(page: str) -> None:
    code = code_of(page.encode())
    assert code is not None
    names: dict[str, object] = {}
    exec(code, names)
    assert names["double"](2) == 4  # type: ignore[operator]


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<p>My solution is in the file.</p>",
        "<p>done</p>",
        "<p>x = 1</p>",
        "<p>My solution:</p><pre>def double(number):\n    return 2 * number</pre>",
        "<pre>def double(number:\n    return</pre>",
        "<pre>" + "x = 1\n" * 100_000 + "</pre>",
        "<pre>" + "(" * 5000 + "</pre>",
        "<" * 10_000,
        "<!-- " * 20_000,
        "<!" * 40_000,
        "<a b='" * 15_000,
        "</a " * 15_000,
    ],
    ids=[
        "empty",
        "prose",
        "a word",
        "no definition",
        "prose and code",
        "syntax",
        "large",
        "deep",
        "tags",
        "comments",
        "declarations",
        "attributes",
        "ends",
    ],
)
def test_what_is_not_code_is_left_out(page: str) -> None:
    assert code_of(page.encode()) is None


def test_a_page_is_shown_line_by_line() -> None:
    assert text_of(b"<p>one<br>two</p>\n\n<p>three &amp; <b>four</b></p>") == "one\ntwo\nthree & four\n"
