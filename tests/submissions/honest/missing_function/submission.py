import torch


def reverseStep(x_t, noise_pred, timestep, betas, z):
    return x_t


def combine_masked(mask, denoised, original):
    return torch.lerp(original, denoised, mask)
