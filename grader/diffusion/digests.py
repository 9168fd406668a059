"""Digests of weights: numbers that change with any change of a weight that is not made to deceive.

What is too large to be sent, such as the gigabytes of a real U-Net, is compared by them. Both sides compute them: the
worker of its own weights, the judge of the ones that they must still be.
"""

from __future__ import annotations

import torch

ROWS_AT_ONCE = 4096  # of a table: it has tens of thousands, and a copy in wide integers takes twice its memory
_INTEGERS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def digest_of(weights: torch.Tensor) -> int:
    """Return the sum of the weights' bits, read as integers."""
    flat = weights.detach().contiguous().flatten()
    # Eight bytes at a time where possible is ten times as fast. Sums that overflow do no harm.
    eight = flat.numel() * flat.element_size() % 8 == 0 and flat.storage_offset() * flat.element_size() % 8 == 0
    return int(flat.view(torch.int64 if eight else torch.uint8).sum(dtype=torch.int64))


def digests_of_rows(table: torch.Tensor) -> torch.Tensor:
    """Return a digest of each row of a table `[V, D]` as int64 `[V]`, in which a number's place counts, too."""
    bits = table.detach().contiguous().view(_INTEGERS[table.element_size()])
    places = torch.arange(1, 2 * bits.shape[1], 2, device=bits.device)
    parts = [bits[start : start + ROWS_AT_ONCE] for start in range(0, len(bits), ROWS_AT_ONCE)]
    return torch.cat([(rows.long() * places).sum(1).cpu() for rows in parts])
