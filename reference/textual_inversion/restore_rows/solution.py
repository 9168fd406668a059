"""Every row but the trained ones goes back to the original, in place."""

import torch


@torch.no_grad()
def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Copy the original into every row of the table that is not trained."""
    restored = torch.ones(len(table), dtype=torch.bool)
    restored[trained_ids] = False
    table[restored] = original[restored]
