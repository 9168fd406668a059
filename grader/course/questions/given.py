"""What somebody has answered, before anybody judges it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Given(NamedTuple):
    """An answer as it was typed, and where it stands."""

    text: str
    place: str


@dataclass(frozen=True)
class GivenAnswers:
    """What a submission says in answer to questions, by name.

    `faults` say why an answer cannot be taken, `twice` that two files answer a question in different ways. `unread` are
    sentences on files of answers that could not be read.
    """

    given: Mapping[str, Given] = field(default_factory=dict)
    twice: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
