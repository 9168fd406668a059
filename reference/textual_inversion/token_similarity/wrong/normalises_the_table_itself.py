"""The rows of the table itself are brought to length 1.

`/=` writes into the tensor it stands behind, and that is the caller's table, perhaps the very weights of the text
encoder. Every prompt would mean something else afterwards. Divide into a new tensor.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the dot products of the table's rows after it has been normalised in place."""
    table /= table.norm(dim=1, keepdim=True)
    return table[ids] @ table[ids].T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the largest similarities, likewise."""
    table /= table.norm(dim=1, keepdim=True)
    return (table @ vector).topk(k).indices.tolist()
