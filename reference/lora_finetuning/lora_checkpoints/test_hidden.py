"""What an experiment on checkpoints must find on U-Nets of other kinds, against hooks beside the layers."""

import functools

import pytest

from exercises.lora_finetuning.checks import _checkpoints as saved
from exercises.lora_finetuning.checks import _two_adapters as two
from grader.checks import assert_equal
from reference.lora_finetuning import _measured


def assert_measured(submission, task, expected):
    """Raise `CheckFailure` unless all results are what bypasses beside the layers give."""
    __tracebackhide__ = True
    found = saved.results_of(submission, task)
    for name in saved.MEASURED:
        sentence = f"result['{name}'] must be what bypasses beside the layers give, divided here by just that."
        saved.assert_each(getattr(found, name), getattr(expected, name), sentence)
    lowest = saved.first_of_the_least(found.held_out)
    assert_equal(found.keep, lowest, "'keep' must be where the held-out loss is lowest.", what="result['keep']")


def task_on(config):
    """Return an experiment on a U-Net of one of the kinds."""
    return saved.small_task(config, seed=21, count=3)


@functools.cache
def expected_on(config):
    """Return what the experiment must find there: the same for every submission."""
    return _measured.measured(task_on(config))


@pytest.mark.parametrize("config", two.OF_ONE_WIDTH)
def test_equals_reference(submission, config):
    """On U-Nets of other kinds, all results are those of bypasses beside the layers."""
    assert_measured(submission, task_on(config), expected_on(config))


def test_other_layers_than_the_cross_attention(submission):
    """Checkpoints may be for any linear layers, such as those of the feed-forward part and of the time embedding."""
    task = saved.small_task(seed=22)
    layers = ["time_embedding.linear_1", "mid_block.attentions.0.transformer_blocks.0.ff.net.2"]
    checkpoints = [
        saved.louder(two.drawn_adapter(task.unet, layers[i:], 30 + i, rank=2 - i, alpha=2.5), 20) for i in range(2)
    ]
    task = task._replace(checkpoints=checkpoints)
    assert_measured(submission, task, _measured.measured(task))
