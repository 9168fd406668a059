"""Workflow commands of GitHub Actions: what we mean as one, and what only looks like one.

The runner reads every line of a step's output. One that begins with `::` or holds `##[` may set what later steps see,
hide text or annotate a file: https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# A runner strips white space before `::`, and ends a line at either of these characters.
_COMMAND = re.compile(r"(^|(?<=[\r\n]))(?P<space>\s*)::|##\[")


class Commands(str):
    """A text of workflow commands that is to reach the runner as it is."""

    __slots__ = ()


def for_runner(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a text for standard output: in a step of GitHub Actions, without anything that is taken for a command."""
    if isinstance(text, Commands) or environment.get("GITHUB_ACTIONS") != "true":
        return text
    return _COMMAND.sub(lambda found: "# #[" if found["space"] is None else f"{found['space']}: :", text)
