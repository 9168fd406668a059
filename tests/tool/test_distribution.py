"""The distribution's name: what pip is to be given, from wherever the grader came, and that no text names the index."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader import __version__, distribution

pytestmark = pytest.mark.light

PROJECT = Path(__file__).parents[2]
ONE_VERSION = re.compile(r"diffusion[_-]grader-\d[\w.]*")
BY_NAME = re.compile(r"pip install[^\n`]*['\" ](diffusion-)?grader\b(?!\S*(\.whl| @ ))")


def came_from(monkeypatch: pytest.MonkeyPatch, source: dict[str, Any] | None) -> None:
    """Let pip have recorded that the grader was installed from there; from an index it records nothing."""
    recorded = None if source is None else json.dumps(source)
    found = SimpleNamespace(read_text=lambda name: recorded if name == "direct_url.json" else None)
    monkeypatch.setattr(metadata, "distribution", lambda _name: found)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"url": "file:///tmp/a%20b/g.whl", "archive_info": {}}, "'/tmp/a b/g.whl[notebook]'"),
        (
            {"url": "https://example.org/g.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "'diffusion-grader[notebook] @ git+https://example.org/g.git@abc'",
        ),
        ({"url": "https://example.org/g.whl"}, "'diffusion-grader[notebook] @ https://example.org/g.whl'"),
        ({"url": "file:///src/g", "dir_info": {"editable": True}}, "--editable '/src/g[notebook]'"),
        ({"url": "file:///src/g", "dir_info": {}}, "'/src/g[notebook]'"),
        (None, f"'diffusion_grader-{__version__}-py3-none-any.whl[notebook]'"),
    ],
    ids=["wheel", "git", "address", "clone", "folder", "unknown"],
)
def test_it_is_installed_again_from_where_it_came(
    monkeypatch: pytest.MonkeyPatch, source: dict[str, Any] | None, expected: str
) -> None:
    came_from(monkeypatch, source)
    assert distribution.requirement("notebook") == expected


def test_once_it_is_published_its_name_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    came_from(monkeypatch, {"url": "file:///tmp/g.whl"})
    monkeypatch.setattr(distribution, "PUBLISHED", True)
    assert distribution.requirement("notebook") == f"'diffusion-grader[notebook]=={__version__}'"


def test_until_then_no_text_tells_anybody_to_install_it_by_its_name() -> None:
    assert not distribution.PUBLISHED, (
        "It is published: write install lines by name into README and docs, then drop this."
    )
    assert said_in_texts(BY_NAME, but="tests/tool/test_distribution.py") == []


def test_no_text_names_the_wheel_of_one_version() -> None:
    said = said_in_texts(ONE_VERSION, but="tests/")  # these have wheels of other versions on purpose
    assert said == [], "Write `diffusion_grader-*.whl`: a number goes stale with each release."


def test_the_changelog_has_a_section_for_this_version() -> None:
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(__version__)} - \d{{4}}-\d\d-\d\d$", text, re.MULTILINE)


def said_in_texts(wanted: re.Pattern[str], *, but: str) -> list[str]:
    """Return where the repository's texts and code say something, except in paths that begin with `but`."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    texts = [
        PROJECT / name
        for name in listed.split("\0")
        if name.endswith((".py", ".md", ".yml", ".ipynb", ".jinja", ".j2", "Containerfile"))
        and not name.startswith(but)
    ]
    return [
        f"{path.relative_to(PROJECT)}: {found[0]}"
        for path in texts
        if path.is_file()
        for found in wanted.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]


@pytest.mark.parametrize(
    ("text", "by_name"),
    [
        ("pip install 'grader[notebook]'", True),
        ("pip install diffusion-grader", True),
        ("pip install 'diffusion-grader @ git+https://example.org/g.git'", False),
        (f"pip install ./{distribution.wheel_name()}", False),
    ],
)
def test_the_search_for_such_texts_finds_them(text: str, by_name: bool) -> None:
    assert bool(BY_NAME.search(text)) is by_name


def test_the_build_uses_the_same_name_and_version() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["name"] == distribution.NAME
    assert settings["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "grader.version.__version__"}


def test_nothing_but_the_grader_is_installed() -> None:
    setuptools = pytest.importorskip("setuptools")
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packages = setuptools.find_packages(str(PROJECT), include=settings["packages"]["find"]["include"])
    assert {name.partition(".")[0] for name in packages} == {"grader"}  # not `tools`, which is in a clone only
    assert settings["py-modules"] == ["diffusion_grader"]
