"""A notebook's cells in a kernel as Colab has it: IPython 7.34 and ipykernel 6.17, away from the course."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nbclient
import pytest
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbformat.v4 import new_code_cell, new_notebook

from helpers.course_factory import make_course
from helpers.patience import ENDLESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OLD = ("ipython==7.34.0", "ipykernel==6.17.1", "traitlets<5.10")
RIGHT = "%%exercise double\ndef double(number):\n    return 2 * number"
WRONG = "%%exercise double\ndef double(number):\n    return number"


class Manager(AsyncKernelManager):
    """Starts this Python's kernel with other libraries before its own."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], language="python"
        )

    def client(self, **keywords: Any) -> Any:
        return super().client(context=self.context, **keywords)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], list[Any]]]:
    libraries = tmp_path_factory.mktemp("libraries")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target", libraries, *OLD], check=True)
    folder = tmp_path_factory.mktemp("content")
    make_course(folder / "course")  # what the set-up cell makes there
    elsewhere = {"PYTHONPATH": str(libraries), "IPYTHONDIR": str(folder / "ipython"), "COLAB_RELEASE_TAG": "release-x"}
    context = zmq.asyncio.Context()
    client = nbclient.NotebookClient(
        new_notebook(),
        km=Manager(context=context),
        timeout=ENDLESS,
        startup_timeout=ENDLESS,
        iopub_timeout=ENDLESS,
        allow_errors=True,
    )
    client.reset_execution_trackers()

    def run_cell(source: str) -> list[Any]:
        cell = new_code_cell(source)
        client.nb.cells.append(cell)
        client.execute_cell(cell, len(client.nb.cells) - 1)
        return list(cell.outputs)

    with client.setup_kernel(cwd=str(folder), env={**os.environ, **elsewhere}, cleanup_kc=True):
        yield run_cell
    context.destroy(linger=0)


def test_everything_works_in_an_old_kernel(run: Callable[[str], list[Any]]) -> None:
    [versions] = run("import IPython, ipykernel\nIPython.__version__, ipykernel.__version__")
    assert versions.data["text/plain"] == "('7.34.0', '6.17.1')"
    [said] = run("from grader.notebook.setting_up import ready\nready('numbers')")
    assert said.text.startswith("ready: grader ")
    assert "lesson numbers" in said.text
    [wrong] = run(WRONG)
    assert "The number is returned as it is." in wrong.data["text/plain"]
    [right] = run(RIGHT)
    assert "10 of 10 points" in right.data["text/html"]
    [everything] = run("import grader\ngrader.check_all()")
    assert "1 of 1 exercises passed" in everything.data["text/html"]
    [packed] = run("grader.handin()")
    assert "handin-numbers.zip is written" in packed.text
