"""Every row is restored, the trained ones included.

Nothing is ever learned: each step's work is undone by the next line. The loss may still vary, because noise and
timesteps change from step to step, so the mistake only shows in the learned row itself.
"""

import torch

CAUGHT_BY = "test_trained_rows_are_left_alone"


def restore_rows(
    table: torch.nn.Parameter,
    original: torch.Tensor,
    trained_ids: list[int],
) -> None:
    """Restore the whole table."""
    with torch.no_grad():
        table.copy_(original)
