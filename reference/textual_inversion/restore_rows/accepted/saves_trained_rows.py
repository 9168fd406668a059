"""Saves the trained rows, copies the whole original, puts them back."""

import torch


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore everything, then bring back what was learned."""
    with torch.no_grad():
        learned = table[trained_ids].clone()
        table.copy_(original)
        table[trained_ids] = learned
