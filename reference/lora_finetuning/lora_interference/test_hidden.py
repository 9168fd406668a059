"""What an experiment with two adapters must find on U-Nets of other kinds, against hooks beside the layers."""

import pytest

from exercises._shared import _results
from exercises.lora_finetuning.checks import _two_adapters as two
from grader.checks import assert_close
from reference.lora_finetuning import _hooks

TOLERANCE = 1e-4


@pytest.mark.parametrize("config", two.OF_ONE_WIDTH)
def test_equals_reference(submission, sd, config):
    """On U-Nets of other kinds, with adapters of other ranks, all results are those of bypasses beside the layers."""
    task = two.small_task(config, seed=11, batch=3)
    found, expected = two.results_of(submission, task), sd.once(("interference", config), lambda: _hooks.asked(task))
    for name in two.PREDICTIONS:
        sentence = f"result['{name}'] must be what bypasses beside the layers give."
        assert_close(getattr(found, name), getattr(expected, name), sentence, tolerance=TOLERANCE)
    sentence = "The interference must be that of the predictions."
    _results.assert_numbers(found.interference, expected.interference, sentence, tolerance=1e-3)


def test_other_layers_than_the_cross_attention(submission, sd):
    """Adapters may be for any linear layer, such as those of the feed-forward part and of the time embedding."""
    task = two.small_task(seed=12)
    layers = ["time_embedding.linear_1", "mid_block.attentions.0.transformer_blocks.0.ff.net.2"]
    first, second = (two.drawn_adapter(task.unet, layers[i:], 20 + i, rank=1 + i, alpha=2.5) for i in range(2))
    task = task._replace(first=first, second=second)
    found = two.results_of(submission, task)
    expected = sd.once(("interference", "other layers"), lambda: _hooks.asked(task))
    for name in two.PREDICTIONS:
        sentence = f"result['{name}'] must be what bypasses beside the layers give."
        assert_close(getattr(found, name), getattr(expected, name), sentence, tolerance=TOLERANCE)
