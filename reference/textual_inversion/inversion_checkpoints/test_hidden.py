"""What an experiment with checkpoints must find about other rows, against one picture at a time."""

import pytest

from exercises.textual_inversion.checks import _checkpoints, _embeddings
from grader.checks import assert_close, assert_equal
from reference.textual_inversion import _picture_by_picture

TOLERANCE = 1e-6


@pytest.mark.parametrize(("runs", "checkpoints", "sizes"), [(1, 1, (1,)), (3, 2, (1, 2)), (1, 4, (3,))])
def test_equals_reference(submission, sd, runs, checkpoints, sizes):
    """With other tokens, rows, schedules and batches, all results are those of one picture after the other."""
    word = _embeddings.TOKENS[runs % len(_embeddings.TOKENS)]
    task = _checkpoints.drawn_task(
        runs, checkpoints, seed=20 + runs + checkpoints, sizes=sizes, word=word, power=1 + 0.2 * runs, twice=True
    )
    found = _checkpoints.results_of(submission, task)
    expected = sd.once(("inversion checkpoints", runs, checkpoints), lambda: _picture_by_picture.asked(task))
    sentence = "The losses must be those of one picture after the other."
    assert_close(found.losses, expected.losses, sentence, tolerance=TOLERANCE)
    assert_close(found.distances, expected.distances, "The distances must be those from the start.", tolerance=1e-5)
    assert_equal(found.nearest, expected.nearest, "The nearest words must be those of the largest cosine.")
    # Some losses are so close that rounding decides between them: `best` must agree with the losses that were returned.
    best = _checkpoints.first_of_the_least(found.losses)
    assert_equal(found.best, best, "The best checkpoint must be that of the lowest loss.")
