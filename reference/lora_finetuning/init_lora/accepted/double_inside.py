"""Computes in float64 inside and with other names."""

import torch


def init_lora(w, r, gen):
    """Draw in double precision."""
    n_out, n_in = w.shape
    down = torch.randn((r, n_in), generator=gen, dtype=torch.float64).mul_(1 / r).to(w.dtype)
    up = torch.zeros((n_out, r)).to(w)
    return down, up


def lora_forward(x, w, down, up, alpha):
    """Add up in double precision, rank by rank."""
    y = x.double() @ w.double().t()
    for k in range(len(down)):
        y = y + alpha / len(down) * (x.double() @ down[k].double()).unsqueeze(-1) * up[:, k].double()
    return y.to(x.dtype)
