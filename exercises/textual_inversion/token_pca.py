"""An experiment: many-dimensional word vectors on two axes, and how much of them the two axes show."""

from typing import Any

import torch


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return the two directions along which some rows of the table differ most, and where the rows lie along them.

    This is a principal component analysis (PCA) of the n rows that ids name:

        rows        = the rows of the table that ids name                 [n, D]
        mean        = the mean of these rows, number by number            [D]
        centred     = rows - mean                                         what the rows differ by
        coordinates = centred along each axis: their dot products         [n, 2]

    The first axis is the direction of length 1 along which the centred rows have the largest sum of squared
    coordinates. The second is the one at a right angle to the first with the largest sum after that.

    What you return: a dict with these four keys.

        "mean"         [D]: the mean of the rows
        "axes"         [2, D]: the two axes, one a row, each of length 1 and at a right angle to one another
        "coordinates"  [n, 2]: row i is where the row of ids[i] lies, along the first axis and along the second
        "shares"       a list of two floats: for each axis, the sum of its squared coordinates divided by the sum of the
                       squares of all numbers in `centred`. It says how much of what the rows differ by this axis shows

    The tensors have the dtype of table. An axis may point either way: with -axis, the coordinates along it change their
    signs too, and both are right. Of axes along which the sums are equal, any will do.

    What you get:

        table  [V, D], float32 or float64, D >= 2: one row a token
        ids    a list of n different ints from 0 to V - 1, n >= 3, in any order. Their rows do not lie on one line

    Only the rows that ids name count: the mean, too, is theirs. Why it is taken away: all rows of a table may lie far
    from 0 in the same direction. Without centring, the first axis points there, shows what the rows have in
    common, and has a share near 1 that says nothing.

    Do not change the table.

    A worked example: ids name the rows [2, 0, 1], [6, 0, 1], [4, 1, 1] and [4, -1, 1]. Their mean is [4, 0, 1], and
    the centred rows are [-2, 0, 0], [2, 0, 0], [0, 1, 0] and [0, -1, 0]. The first axis is [1, 0, 0] or [-1, 0, 0],
    the second [0, 1, 0] or [0, -1, 0]. With the first of each, the coordinates are [-2, 0], [2, 0], [0, 1] and [0, -1].
    Their sums of squares are 8 and 2 of 10, so the shares are [0.8, 0.2].
    """
    raise NotImplementedError
