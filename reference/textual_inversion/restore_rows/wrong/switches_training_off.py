"""requires_grad is switched off to allow the writing, and stays off.

PyTorch refuses to write into a parameter that records gradients. Switching the recording off makes the
error go away, and with it all further training: from the next step on the table gets no gradient. A
`with torch.no_grad():` block lifts the refusal only for the lines inside.
"""

import torch

CAUGHT_BY = "test_table_can_still_be_trained"


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore the rows and end the training."""
    table.requires_grad_(False)
    for row in range(len(table)):
        if row not in trained_ids:
            table[row] = original[row]
