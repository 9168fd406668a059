"""Writes through a detached view, and clears the gradient too."""

import torch


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore through a view that records no gradients."""
    keep = [row in trained_ids for row in range(len(table))]
    view = table.detach()
    view[~torch.tensor(keep)] = original[~torch.tensor(keep)]
    table.grad = None
