"""The page on licences names every dependency, and no unusual licence gets onto it without a sentence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import licences

pytestmark = pytest.mark.light

PROJECT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def table(heading: str) -> set[str]:
    """Return the libraries below a heading of the page."""
    text = licences.PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {canonicalize_name(name) for name in re.findall(r"^\| ([\w.-]+) \|", text, re.MULTILINE)} - {
        "library",
        "---",
    }


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements} - {licences.OURS}


def test_it_names_everything_that_is_always_installed() -> None:
    assert names(SETTINGS["dependencies"]) - table("Always") == set(), "Run `make licences`."


@pytest.mark.parametrize("extra", SETTINGS["optional-dependencies"])
def test_it_names_everything_that_an_extra_adds(extra: str) -> None:
    wanted = names(SETTINGS["optional-dependencies"][extra])
    assert wanted - table(f"Extra `{extra}`") - table("Always") == set(), "Run `make licences`."


def test_what_needs_what_is_followed_to_its_end() -> None:
    assert {"pluggy", "pytest"} <= set(licences.installed_by(["pytest"]))
    assert "psycopg-binary" not in licences.installed_by(["pytest"])


def test_an_unusual_licence_needs_a_sentence() -> None:
    groups = {"Always": {"a": "A", "b": "B"}}
    assert "| B | MIT |" in licences.page(groups, {"a": "MIT", "b": "MIT"})
    with pytest.raises(SystemExit, match=r"no sentence in REMARKS for: B \(LGPL-3.0-only\)"):
        licences.page(groups, {"a": "MIT", "b": "LGPL-3.0-only"})


def test_what_has_a_sentence_is_listed_among_the_unusual() -> None:
    found = licences.page({"Always": {"tqdm": "tqdm"}}, {"tqdm": "MIT"})
    assert "* **tqdm**: " in found.partition("## Always")[0]
