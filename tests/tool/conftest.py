"""Fixtures that several test files of the tool share."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from grader.diffusion.choice import TINY, TINY_SD
from helpers.patience import PLENTY
from helpers.sandbox import FUNCTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from grader.sandbox.outside.server import ForkServer
    from grader.sandbox.outside.session import Session


@pytest.fixture
def session(server: ForkServer) -> Iterator[Callable[..., Session]]:
    """Open a session with a submission of this source, or of these sources by path."""
    from grader.sandbox.outside.session import Session

    opened = []

    def open_session(source: str | dict[str, str], **options: Any) -> Session:
        files = {"work.py": source} if isinstance(source, str) else source
        options = {"call_seconds": PLENTY, **options}
        opened.append(Session(server, files, {"answer": next(iter(files))}, **options))
        return opened[-1]

    yield open_session
    for each in opened:
        each.close()


@pytest.fixture
def answer(session: Callable[..., Session]) -> Callable[..., Any]:
    """Call `answer` of a submission with this source."""
    from grader.sandbox.outside.remote import RemoteSubmission

    return lambda source, *arguments, **options: RemoteSubmission(session(source, **options), (FUNCTION,)).answer(
        *arguments
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the tiny model, as anybody's model."""
    folder = tmp_path_factory.mktemp("models") / "somebodys"
    shutil.copytree(TINY_SD, folder)
    return folder


@pytest.fixture
def _tiny_model_again() -> Iterator[None]:
    """Have the tiny model in use, before a test that uses another one and after it."""
    from grader.diffusion import loading

    with loading.using(TINY):
        yield
