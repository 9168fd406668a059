"""The number of steps that run is returned, not the index where they start.

The timesteps are listed from the noisiest to the least noisy, and img2img runs the *end* of the list.
With s of n steps to run, the first ones are skipped. Returned as an index, the number turns strength
around: little strength would start near the top of the list and change nearly everything.
"""

CAUGHT_BY = "test_worked_examples"


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return how many steps run."""
    return min(int(num_inference_steps * strength), num_inference_steps)
