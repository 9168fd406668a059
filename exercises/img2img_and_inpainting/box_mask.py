"""A mask from a box: 1 inside, where the picture is to be repainted, and 0 elsewhere."""

import torch


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a mask that is 1 in the box grown by padding, and 0 everywhere else.

    What you get:

        height, width  the size of the picture in pixels, each 1 or more
        box            (left, top, right, bottom), ints with left < right and top < bottom. As in PIL, left and
                       right count columns, top and bottom count rows, and right and bottom are the first column
                       and row that are *not* in the box
        padding        an int, 0 or more: the box grows by that many pixels on each of its four sides

    The grown box holds the columns from left - padding to right + padding - 1 and the rows from top - padding to
    bottom + padding - 1. Box and grown box may reach over the border of the picture or lie outside of it, with negative
    numbers too. The picture keeps its size; what is outside is cut off. Nothing is moved: a grown box that does not
    touch the picture gives a mask of zeros, and that is not an error. Only the *grown* box is cut, so a box beside the
    picture may grow into it.

    What you return: a float32 tensor [1, 1, height, width] of ones (repaint) and zeros (keep).

    Worked examples on a picture of height 3 and width 4:

        box (1, 0, 3, 2)               box (1, 0, 3, 2), padding 1       box (-5, 1, -1, 2), padding 2

        0 1 1 0                        1 1 1 1                           1 0 0 0
        0 1 1 0                        1 1 1 1                           1 0 0 0
        0 0 0 0                        1 1 1 1                           1 0 0 0

    The third box holds the columns -5 to -2; grown, it ends with column 0.
    """
    raise NotImplementedError
