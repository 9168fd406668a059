"""A lesson's notebook in JupyterLab, in Chromium: set up, wrong, hint, right, all of it, hand in; restarted, and elsewhere."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from grader.authoring.notebooks import built
from grader.course.finding import find_course
from helpers.course_factory import make_course
from helpers.judges import is_locked
from helpers.patience import ENDLESS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

ENDLESS_MS = ENDLESS * 1000
PATIENT_MS = 10_000  # after which a key is pressed again
WRONG = "%%exercise double\ndef double(number):\n    return number"
RIGHT = "%%exercise double\ndef double(number):\n    return 2 * number"
HINTS = 'schema = "grader.hints/1"\n\n[exercises]\ndouble = ["What is twice a number?", "Add the number to itself."]\n'
LONG = "A text that fills the screen.\n\n" * 60
PAGE = f"# Numbers\n\nFirst write [it](double.py).\n\n{LONG}## Doubling it\n\n<!-- exercise double -->\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_course(
        tmp_path_factory.mktemp("course"),
        changes={"exercises/numbers/README.md": PAGE, "exercises/numbers/hints.toml": HINTS},
    )
    lesson = find_course(root).lessons[0]
    (lesson.folder / "lesson.ipynb").write_text(built(lesson), encoding="utf-8")
    (root / "outside").mkdir()
    return root


@pytest.fixture(scope="module")
def lab(course: Path) -> Iterator[str]:
    """Return the address of a JupyterLab whose files are the course, and whose kernels share one warm judge."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    elsewhere = {
        name: str(course.parent / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--ServerApp.root_dir=" + str(course),
        "--IdentityProvider.token=", "--ServerApp.allow_root=True", "--LabApp.news_url=None", "--ServerApp.quit_button=False",
    ]  # fmt: skip
    judges = Path(tempfile.mkdtemp(prefix="g-"))  # a socket's path must be short
    inherited = {name: value for name, value in os.environ.items() if name not in ("GRADE_DAEMON", "CI")}
    environment = inherited | elsewhere | {"XDG_RUNTIME_DIR": str(judges)}
    process = subprocess.Popen(
        command, cwd=course, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, "JupyterLab has ended"
        try:
            with urllib.request.urlopen(f"{address}/api", timeout=5):
                return True
        except OSError:
            return False

    try:
        wait_until(answers, "JupyterLab does not answer")
        yield address
    finally:
        process.terminate()
        process.wait()
        end_judges(judges)


def end_judges(folder: Path) -> None:
    """End the judges that listen below a folder, and delete it: a judge whose socket is gone ends by itself."""
    for socket_file in folder.rglob("*.sock"):
        socket_file.unlink()
    for lock in folder.rglob("*.lock"):
        wait_until(lambda lock=lock: not is_locked(lock), "a judge goes on without its socket")
    shutil.rmtree(folder)


class Notebook:
    """A notebook that somebody works in."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cells = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
        expect(
            page.locator(".jp-NotebookPanel-toolbar .jp-Notebook-ExecutionIndicator[data-status=idle]")
        ).to_be_visible(timeout=ENDLESS_MS)

    def cell(self, text: str) -> Locator:
        return self.cells.filter(has_text=text).first

    def write(self, cell: Locator, source: str) -> None:
        editor = cell.locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def run(self, cell: Locator) -> Locator:
        """Run a cell, and return its output; a kernel that has just been started may not hear the first time."""
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text()

        def begins() -> bool:
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
            with contextlib.suppress(AssertionError):
                expect(prompt).not_to_have_text(before, timeout=PATIENT_MS)
            return prompt.inner_text() != before

        wait_until(begins, "the cell does not run")
        return cell.locator(".jp-OutputArea")


def opened(chromium: Browser, address: str, path: str) -> Notebook:
    # One context for all: JupyterLab's scripts are then loaded and compiled once.
    context = next(iter(chromium.contexts), None) or chromium.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(ENDLESS_MS)
    page.goto(f"{address}/lab/tree/{path}?reset")
    return Notebook(page)


def test_a_lesson_is_solved_and_handed_in(chromium: Browser, lab: str, course: Path) -> None:
    work = opened(chromium, lab, "exercises/numbers/lesson.ipynb")
    expect(work.run(work.cell("Set-up: run this cell first"))).to_contain_text("ready: grader", timeout=ENDLESS_MS)

    work.page.get_by_role("link", name="it", exact=True).click()  # a link to a cell stays in the notebook
    expect(work.page.get_by_role("heading", name="Doubling it")).to_be_in_viewport()

    exercise = work.cell("%%exercise double")
    work.write(exercise, WRONG)
    shown = work.run(work.cell("%%exercise double"))
    expect(shown.locator(".verdict")).to_contain_text("The number is returned as it is.", timeout=ENDLESS_MS)
    expect(shown.locator(".verdict")).to_contain_text("0 of 10 points")

    work.write(work.cell("grader.handin()"), "%grader hint double")
    expect(work.run(work.cell("%grader hint double"))).to_contain_text("What is twice a number?", timeout=ENDLESS_MS)

    work.write(exercise, RIGHT)
    expect(work.run(exercise).locator(".verdict")).to_contain_text("10 of 10 points", timeout=ENDLESS_MS)
    expect(exercise.locator(".verdict details.passed summary")).to_contain_text("2 of 2 checks passed")
    expect(exercise.locator(".verdict details.passed li").first).not_to_be_visible()  # untouched, it is one line

    expect(work.run(work.cell("grader.check_all()"))).to_contain_text("1 of 1 exercises passed", timeout=ENDLESS_MS)

    work.write(work.cell("%grader hint double"), "grader.handin()")
    hand_in = work.cell("grader.handin()")
    work.page.keyboard.press("Control+S")
    saved = course / "exercises/numbers/lesson.ipynb"
    wait_until(lambda: "return 2 * number" in saved.read_text(), "the notebook is not saved")
    expect(work.run(hand_in)).to_contain_text("handin-numbers.zip is written", timeout=ENDLESS_MS)
    with zipfile.ZipFile(course / "exercises/numbers/handin-numbers.zip") as archive:
        assert json.loads(archive.read("handin.json"))["passed"] == ["double"]

    work.page.screenshot(path=os.environ.get("GRADE_SCREENSHOT", str(course / "lab.png")), full_page=True)
    # A kernel that starts anew has nothing; the set-up cell brings it back.
    work.page.keyboard.press("Escape")
    work.page.get_by_title("Restart the kernel").first.click()
    work.page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(work.run(work.cell("Set-up: run this cell first"))).to_contain_text("ready: grader", timeout=ENDLESS_MS)
    expect(work.run(exercise).locator(".verdict")).to_contain_text("10 of 10 points", timeout=ENDLESS_MS)


def test_a_notebook_elsewhere_is_told_where_the_course_is(
    chromium: Browser, lab: str, course: Path, tmp_path: Path
) -> None:
    elsewhere = course / "outside" / "work.ipynb"
    cells = ["%load_ext grader", f"%grader course {tmp_path / 'other'}", RIGHT]
    make_course(tmp_path / "other")
    made = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": text} for text in cells
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    elsewhere.write_text(json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}))
    work = opened(chromium, lab, "outside/work.ipynb")
    expect(work.run(work.cell("%load_ext grader"))).to_contain_text(
        "grader: Doubling", timeout=ENDLESS_MS
    )  # it lies in one
    expect(work.run(work.cell("%grader course"))).to_contain_text(str(tmp_path / "other"), timeout=ENDLESS_MS)
    expect(work.run(work.cell("%%exercise double")).locator(".verdict")).to_contain_text("10 of 10", timeout=ENDLESS_MS)
