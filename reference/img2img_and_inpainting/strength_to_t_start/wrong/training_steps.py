"""The strength is taken of the 1000 training steps.

The sampler visits only n of the 1000 training timesteps, and the index counts *its* list. An index
computed on the 1000 lies beyond the end of a list of 50.
"""

CAUGHT_BY = "test_worked_examples"


def strength_to_t_start(
    strength: float,
    num_inference_steps: int,
) -> int:
    """Return an index into the schedule of training."""
    return 1000 - min(int(1000 * strength), 1000)
