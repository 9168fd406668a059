"""The trained rows are restored, and all others are left as they moved.

The selection is the wrong way round. What the pseudo-words have learned is thrown away after every step,
while the rest of the vocabulary drifts. trained_ids names the rows to leave alone.
"""

import torch

CAUGHT_BY = "test_trained_rows_are_left_alone"


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore exactly the wrong rows."""
    with torch.no_grad():
        table[trained_ids] = original[trained_ids]
