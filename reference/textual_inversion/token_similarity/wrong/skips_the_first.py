"""The most similar row is left out.

Off by one: the list begins with the second. Perhaps a row should not be its own neighbour, but the vector need not be a
row of the table, and if it is one, that row comes first.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_nearest_of_a_row_is_itself"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the similarities."""
    rows = F.normalize(table[ids], dim=1)
    return rows @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids from the second on."""
    order = F.cosine_similarity(table, vector[None]).argsort(descending=True).roll(-1)
    return order[:k].tolist()
