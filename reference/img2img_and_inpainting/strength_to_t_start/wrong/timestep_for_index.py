"""A timestep is returned instead of its index.

timesteps[i] is a noise level between 0 and 999; i is its place in the list. A sampler of 50 steps has
the timestep 680 or so at index 15. The result is used to cut the list, so it must be the place.
"""

CAUGHT_BY = "test_worked_examples"


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the noise level at the start."""
    start = num_inference_steps - min(int(num_inference_steps * strength), num_inference_steps)
    return (num_inference_steps - 1 - start) * (1000 // num_inference_steps)
