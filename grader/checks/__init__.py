"""What check files import: assertions that fail in sentences, and strategies that draw inputs."""

from grader.checks.assertions import (
    TOLERANCES,
    CheckFailure,
    Distance,
    assert_close,
    assert_different,
    assert_equal,
    assert_far,
    assert_like,
    assert_one_of,
    distance,
    observe_distances,
)
from grader.checks.text import describe

__all__ = [
    "TOLERANCES",
    "CheckFailure",
    "Distance",
    "assert_close",
    "assert_different",
    "assert_equal",
    "assert_far",
    "assert_like",
    "assert_one_of",
    "describe",
    "distance",
    "observe_distances",
]
