"""Which inputs the checks of an exercise draw: the same at every run, those of a seed, or those of a class."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

_MOST = 10**9  # short enough to be typed


class Seeds(NamedTuple):
    """Seeds of exercises: one `seed` for all of them, or one for each that comes of a `secret`; or none.

    Without either, inputs are the same at every run: whoever has the course can see them. A secret gives the same
    inputs to everybody it is used for, on every machine, and tells nothing about those of another exercise.
    """

    seed: int | None = None
    secret: str = ""

    def of(self, exercise: str) -> int | None:
        """Return the seed of an exercise `LESSON/NAME`, None for the inputs that are the same at every run."""
        if self.seed is not None or not self.secret:
            return self.seed
        return int.from_bytes(hashlib.sha256(f"{self.secret}\0{exercise}".encode()).digest()[:8]) % _MOST


REPEATABLE = Seeds()
