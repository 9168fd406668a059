"""Only the first of the trained ids is spared.

A concept may be learned by several rows: several vectors for one word, or several words. Here the rows after the first
are put back with all the others, so they never learn anything. Use all of trained_ids.
"""

import torch

CAUGHT_BY = "test_trained_rows_are_left_alone"


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore all rows around the first trained one."""
    first = trained_ids[0]
    with torch.no_grad():
        table[:first] = original[:first]
        table[first + 1 :] = original[first + 1 :]
