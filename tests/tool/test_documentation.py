"""What the documentation site is made of: links as the site has them, all commands, all keys, all recipes and readers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from helpers.course_files import load
from helpers.documented import PROJECT
from tools.documentation import command_line, formats, links

if TYPE_CHECKING:
    from typing import Any

PAGES = {"docs/a.md": "a.md", "docs/more/b.md": "more/b.md", "SECURITY.md": "security.md"}


@pytest.mark.light
@pytest.mark.parametrize(
    ("document", "written", "shown"),
    [
        ("docs/a.md", "[b](more/b.md#part)", "[b](more/b.md#part)"),
        ("docs/more/b.md", "[a](../a.md)", "[a](../a.md)"),
        ("docs/a.md", "[rules](../SECURITY.md)", "[rules](security.md)"),
        ("SECURITY.md", "[a](docs/a.md)", "[a](a.md)"),
        ("docs/a.md", "[`x`](../grader/api.py)", "`grader/api.py`"),
        ("docs/a.md", "[gone](../grader/gone.py)", "[gone](../grader/gone.py)"),
        ("docs/a.md", "[out](https://example.org/a.md) [here](#part)", "[out](https://example.org/a.md) [here](#part)"),
        ("docs/a.md", "`[code](../SECURITY.md)`", "`[code](../SECURITY.md)`"),
        ("docs/a.md", "```text\n[code](../SECURITY.md)\n```", "```text\n[code](../SECURITY.md)\n```"),
        ("docs/a.md", "![picture](../SECURITY.md)", "![picture](../SECURITY.md)"),
    ],
)
def test_links_for_a_clone_become_links_of_the_site(document: str, written: str, shown: str) -> None:
    assert links.with_links_of_the_site(written, document, PAGES) == shown


@pytest.mark.light
def test_the_page_on_the_command_line_has_every_command_and_every_option() -> None:
    page = command_line.with_commands((PROJECT / "docs/reference/command-line.md").read_text(encoding="utf-8"))
    missing = []
    for name, command in command_line.commands(command_line.program(), "grade"):
        heading = f"### `{name}`\n" if name != "grade" else "### `grade NAME`\n"
        section = page.partition(heading)[2].partition("\n### ")[0]
        given = command.params if name != "grade" else command.commands["exercises"].params
        wanted = [max(each.opts, key=len) for each in given if each.opts[0].startswith("-") and not each.hidden]
        missing += [(name, option) for option in wanted if option not in section and option != "--help"]
    assert missing == []
    assert "<!-- commands -->" not in page


@pytest.mark.light
def test_the_page_on_formats_has_every_key_of_every_schema() -> None:
    page = formats.with_tables((PROJECT / "docs/reference/formats.md").read_text(encoding="utf-8"))
    for name in formats.names():
        schema = json.loads(formats.file_of(name).read_text(encoding="utf-8"))
        missing = [key for key in _keys(schema) if f"| `{key}` |" not in page]
        assert missing == [], f"Write a section on {name} with the line <!-- schema {name} -->."
    assert "<!-- schema" not in page


def _keys(schema: dict[str, Any]) -> set[str]:
    return {key for table in (schema, *schema.get("$defs", {}).values()) for key in table.get("properties", {})}


def test_every_recipe_and_every_reader_is_on_the_page_about_them() -> None:
    bench = load("exercises", "_workbench.py").WORKBENCH  # by its file: another course's `exercises` may be imported
    page = (PROJECT / "docs/workbench.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^::: (\S+)$", page, re.MULTILINE))
    functions = [*bench.recipes.values(), *(reader.function for reader in bench.readers.values())]
    ours = [function for function in functions if function.__module__.startswith("grader.workbench")]
    assert len(ours) == len(functions) - 1  # `file`, which every workbench has
    assert [each.__name__ for each in ours if each.__name__.startswith("_")] == []  # the page leaves such out
    assert {function.__module__ for function in ours} <= documented


def test_every_assertion_and_strategy_is_on_the_page_about_them() -> None:
    from grader.checks import assertions

    page = (PROJECT / "docs/checks.md").read_text(encoding="utf-8")
    ours = [
        name
        for name, value in vars(assertions).items()
        if name.startswith("assert_") and getattr(value, "__module__", "") == assertions.__name__
    ]
    assert [name for name in ours if f"        - {name}\n" not in page] == []
    modules = {path.stem for path in (PROJECT / "grader/checks").glob("*.py")} - {"__init__", "differences"}
    assert {module for module in modules if f"::: grader.checks.{module}\n" not in page} == set()
