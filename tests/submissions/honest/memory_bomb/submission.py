import torch


def combine_masked(mask, denoised, original):
    every_pair = torch.zeros(100_000, 100_000) + mask.sum()
    return every_pair * denoised
