"""Fixtures that several test modules share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.sandbox.client import ForkServer, Isolation

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    """Return one warm fork server for all tests that do not harm it."""
    with ForkServer(Isolation.STRICT, ("torch",)) as server:
        yield server
