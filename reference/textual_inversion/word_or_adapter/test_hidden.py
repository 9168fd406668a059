"""What the project must find for other tokens, strengths and schedules, against bypasses beside the layers."""

import pytest

from exercises._shared import _results
from exercises.textual_inversion.checks import _both_ways, _embeddings
from grader.checks import assert_close
from reference.textual_inversion import _hooked

TOLERANCE = 2e-6


@pytest.mark.parametrize(("strengths", "word", "power"), [([0.8, 0.8, 0.1], 0, 1.0), ([1.4], 2, 1.2)])
def test_equals_reference(submission, sd, strengths, word, power):
    """With other rows, adapters and strengths, some of them equal, all results are those of one picture at a time."""
    task = _both_ways.drawn_task(strengths, seed=30 + word, word=_embeddings.TOKENS[word], power=power)
    found = _both_ways.results_of(submission, task)
    expected = sd.once(("word or adapter", word), lambda: _hooked.asked(task))
    assert_close(found.losses, expected.losses, "The losses must be the reference's.", tolerance=TOLERANCE)
    assert_close(found.drifts, expected.drifts, "The drifts must be the reference's.", tolerance=TOLERANCE)
    _results.assert_numbers(found.numbers, expected.numbers, "The numbers must be the reference's.", tolerance=1e-6)
