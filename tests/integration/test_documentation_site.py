"""The documentation site, built strictly and read in a browser: from a disk, without a network, on a phone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from helpers.course_files import load
from helpers.documented import PROJECT
from helpers.patience import ENDLESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

LOADS = re.compile(r"""<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc(?:set)?=["']?(?:https?:)?//""")
LINKED = re.compile(r"""<link\b[^>]*\bhref=["']?(?:https?:)?//""")  # a style, a font, an icon
OF_MATERIAL = {"landmark-unique"}  # the button that copies code is in a landmark without a name
FROM_A_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does: warnings are errors, and so are links and anchors that lead nowhere."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> list[Path]:
    found = sorted(site.rglob("*.html"))
    assert len(found) > 25
    return found


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 390, "height": 844}) as context:
        yield _patient(context.new_page())


@pytest.fixture
def desktop(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark") as context:
        yield _patient(context.new_page())


def _patient(page: Page) -> Page:
    page.set_default_timeout(ENDLESS * 1000)
    expect.set_options(timeout=ENDLESS * 1000)
    return page


def test_no_page_loads_anything_from_elsewhere(site: Path, pages: list[Path]) -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in pages}
    assert [path for path, text in texts.items() if LOADS.search(text) or LINKED.search(text)] == []
    styles = {path: path.read_text(encoding="utf-8") for path in (*pages, *site.rglob("*.css"), *site.rglob("*.svg"))}
    assert [path for path, text in styles.items() if FROM_A_STYLE.search(text)] == []


def test_no_page_asks_for_anything_from_elsewhere(pages: list[Path], desktop: Page) -> None:
    asked: list[str] = []
    desktop.on("request", lambda request: asked.append(request.url))
    for path in pages:
        desktop.goto(path.as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_no_page_scrolls_sideways_on_a_phone(pages: list[Path], phone: Page) -> None:
    too_wide = []
    for path in pages:
        phone.goto(path.as_uri())
        if phone.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(path.name)
    assert too_wide == []


def test_it_can_be_searched_from_a_disk(site: Path, desktop: Page) -> None:
    desktop.goto((site / "index.html").as_uri())
    desktop.locator(".md-search__input").press_sequentially("extensions")
    expect(desktop.locator(".md-search-result__item").first).to_contain_text("extensions", ignore_case=True)


def test_the_palette_follows_the_system_and_can_be_chosen(site: Path, desktop: Page) -> None:
    desktop.goto((site / "index.html").as_uri())
    body = desktop.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    desktop.locator("label[title='Switch to light mode']").click()
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    expect(desktop.locator("img[src*='verdict-light']")).to_be_visible()
    expect(desktop.locator("img[src*='verdict-dark']")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(site: Path, chromium: Browser, scheme: Literal["light", "dark"]) -> None:
    with chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme) as context:
        page = _patient(context.new_page())
        for name in ("index", "tutorials/author", "reference/formats", "checks"):
            page.goto((site / f"{name}.html").as_uri())
            found = {each["id"] for each in Axe().run(page).response["violations"]}
            assert found - OF_MATERIAL == set(), name


def test_it_has_what_lies_at_the_top_of_the_repository(site: Path) -> None:
    for name in ("SECURITY", "CHANGELOG", "CONTRIBUTING"):
        title = (PROJECT / f"{name}.md").read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        assert f">{title}<" in (site / f"{name.lower()}.html").read_text(encoding="utf-8")


def test_it_has_the_schemas(site: Path) -> None:
    for schema in (PROJECT / "grader/schemas").glob("*.json"):
        assert (site / "reference/schemas" / schema.name).read_bytes() == schema.read_bytes()


def test_it_has_the_docstring_of_every_recipe_and_reader(site: Path) -> None:
    bench = load("exercises", "_workbench.py").WORKBENCH  # by its file: another course's `exercises` may be imported
    page = (site / "workbench.html").read_text(encoding="utf-8")
    functions = [*bench.recipes.values(), *(reader.function for reader in bench.readers.values())]
    names = {f"{each.__module__}.{each.__name__}" for each in functions if each.__module__.startswith("grader.workb")}
    assert {name for name in names if f'id="{name}"' not in page} == set()
