"""The columns of the rows are brought to length 1, instead of the rows.

`dim` names the axis that is summed over. The rows of the table are the vectors, so lengths are taken along the
last axis, dim=1.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_every_pair_has_its_cosine"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return dot products of rows whose columns have length 1."""
    rows = F.normalize(table[ids], dim=0)
    return rows @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the largest similarities."""
    return F.cosine_similarity(table, vector[None]).topk(k).indices.tolist()
