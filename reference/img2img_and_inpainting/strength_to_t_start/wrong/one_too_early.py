"""The start is one index too early.

The list has n entries, with indices 0 to n - 1. When k of them run, n - k are skipped, and the first
that runs has exactly the index n - k. Counting from n - 1 runs one step too many, and at full strength
gives -1, which Python reads as the last entry.
"""

CAUGHT_BY = "test_both_ends"


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the start counted from the last index."""
    return num_inference_steps - 1 - min(int(num_inference_steps * strength), num_inference_steps)
