"""The trained rows are taken to be the last rows of the table.

New tokens are appended, so their rows are usually the last ones. But trained_ids may name any rows: a
word that existed before, or one of several new ones. Take the rows from trained_ids and not from its
length.
"""

import torch

CAUGHT_BY = "test_other_rows_are_restored"


def restore_rows(table: torch.nn.Parameter, original: torch.Tensor, trained_ids: list[int]) -> None:
    """Restore all but the last rows."""
    with torch.no_grad():
        table[: -len(trained_ids)] = original[: -len(trained_ids)]
