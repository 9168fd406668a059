"""At least one step always runs.

It looks careful to keep one step in any case. But strength 0 means that nothing runs and the picture
comes back as it was encoded; so does any strength too small for a whole step. The index is then n, and
the list from there on is empty.
"""

CAUGHT_BY = "test_both_ends"


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return a start that leaves a step in any case."""
    running = max(1, int(num_inference_steps * strength))
    return num_inference_steps - min(running, num_inference_steps)
