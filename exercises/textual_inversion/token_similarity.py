"""How alike words are: cosine similarities between rows of the embedding table."""

import torch


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the cosine similarity of every two of the rows that ids name.

    The cosine similarity of two vectors is their dot product, divided by both their lengths:

        result[i, j] = (a . b) / (|a| |b|)     with a = table[ids[i]] and b = table[ids[j]]

    It is 1 for vectors that point the same way, 0 for vectors at a right angle, -1 for opposite ones, and how long
    they are does not matter.

    What you get:

        table  [V, D], float32 or float64: one row a token. No row is all zeros
        ids    a list of n ints from 0 to V - 1, n >= 1, in any order; an id may come twice

    The result is [n, n] and has the dtype of table. Do not change the table.

    A worked example: with the table [[5, 0], [40, -30], [-3, -4], [3, 4]] and ids [3, 0, 1] the rows are [3, 4],
    [5, 0] and [40, -30], of lengths 5, 5 and 50, and the result is

        [[1.0, 0.6, 0.0],
         [0.6, 1.0, 0.8],
         [0.0, 0.8, 1.0]]
    """
    raise NotImplementedError


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the k rows of the table that are most similar to a vector, the most similar first.

    Similar means cosine similarity, as above. What you get:

        vector  [D], not all zeros, of the dtype of table. It may be a row of the table: then that row comes first,
                or one that points the same way
        table   [V, D], float32 or float64. No row is all zeros
        k       an int from 1 to V

    The result is a list of k plain ints. Rows that are equally similar may come in either order. Change no input.

    A worked example: with the table above, vector [1, 1] and k = 3, the similarities to the four rows are 0.7071,
    0.1414, -0.9899 and 0.9899, so the result is [3, 0, 1]. Row 1 is by far the longest, and has the largest dot
    product with the vector; only its direction counts.
    """
    raise NotImplementedError
