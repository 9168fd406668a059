"""Links of a document as they are in the repository, turned into what leads there on the site.

Documents link to each other, and to files of the repository, by relative paths: so they can be followed in a clone and
on a host of repositories. The site has the documents, and not the rest of the repository.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]

# A fence, a span of code, or a link. What stands in code is not a link.
_PATTERN = re.compile(
    r"^(?P<indent> *)(?P<fence>```+|~~~+)[^\n]*\n.*?^(?P=indent)(?P=fence)[ ]*$"
    r"|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
    r"|(?<!!)\[(?P<text>(?:[^\[\]`]|`[^`]*`)+)\]\((?P<target>[^)\s]+)\)",
    re.DOTALL | re.MULTILINE,
)
_ELSEWHERE = re.compile(r"[a-z]+:|#|<")


def with_links_of_the_site(text: str, document: str, pages: dict[str, str]) -> str:
    """Return the Markdown of a document with links that hold on the site.

    `document` is its path in the repository, and `pages` are the pages of the site by the path of their document. A
    link to a page becomes one from page to page. A link to any other file becomes the file's path, and a link to
    nothing stays as it is: MkDocs refuses it.
    """

    def replaced(found: re.Match[str]) -> str:
        target = found["target"]
        if target is None or _ELSEWHERE.match(target):
            return found[0]
        path, _, anchor = target.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(document), path))
        if file not in pages:
            return f"`{file}`" if (PROJECT / file).exists() else found[0]
        here = posixpath.dirname(pages[document])
        return f"[{found['text']}]({posixpath.relpath(pages[file], here)}{'#' + anchor if anchor else ''})"

    return _PATTERN.sub(replaced, text)
