import numpy as np
from diffusion.schedule import kept
from helpers.arrays import back, doubles
from helpers.random import kick


def reverse_step(picture, noise, t, betas, fresh):
    x, e, z = doubles(picture), doubles(noise), doubles(fresh)
    b = doubles(betas)
    # By way of the estimate of the clean picture instead of the formula of the statement.
    now = kept(b)[t]
    before = kept(b)[t - 1] if t else 1.0
    clean = (x - np.sqrt(1 - now) * e) / np.sqrt(now)
    mean = np.sqrt(before) * b[t] / (1 - now) * clean + np.sqrt(1 - b[t]) * (1 - before) / (1 - now) * x
    return back(mean + kick(b[t], z, last=t == 0), like=picture)
