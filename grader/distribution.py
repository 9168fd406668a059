"""The grader as a Python distribution: its name, and what pip must be given to install it, or an extra of it."""

from __future__ import annotations

import json
import shlex
from importlib import metadata
from typing import Any
from urllib.parse import unquote, urlsplit

from grader.version import __version__

NAME = "diffusion-grader"
# Whether NAME on the public package index is this project. As long as it is not, anybody could take the name, so
# nothing may tell people to install it by name alone.
PUBLISHED = False


def requirement(extra: str = "") -> str:
    """Return what to write behind `pip install` for this version of the grader, with an extra if one is named.

    It is installed again from where it came from: a wheel, a git URL or a folder. The text is quoted for a shell.
    """
    extras = f"[{extra}]" if extra else ""
    if PUBLISHED:
        return shlex.quote(f"{NAME}{extras}=={__version__}")
    source = _direct_url()
    url = source.get("url", "")
    path = unquote(urlsplit(url).path) if url.startswith("file:") else ""
    if vcs := source.get("vcs_info"):
        return shlex.quote(f"{NAME}{extras} @ {vcs['vcs']}+{url}@{vcs.get('commit_id', '')}".removesuffix("@"))
    if source.get("dir_info", {}).get("editable"):
        return f"--editable {shlex.quote(path + extras)}"
    if url:
        return shlex.quote((path or f"{NAME}{extras} @ {url}") + (extras if path else ""))
    return shlex.quote(f"{wheel_name()}{extras}")


def wheel_name() -> str:
    """Return the file name of this version's wheel."""
    return f"{NAME.replace('-', '_')}-{__version__}-py3-none-any.whl"


def _direct_url() -> dict[str, Any]:
    """Return where pip has installed the grader from, as pip has recorded it (PEP 610); nothing if it has not."""
    try:
        recorded = metadata.distribution(NAME).read_text("direct_url.json")
        return dict(json.loads(recorded or "{}"))
    except (metadata.PackageNotFoundError, ValueError):
        return {}
