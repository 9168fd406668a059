import torch


def reverse_step(x_t, noise_pred, timestep, betas, z):
    alphas = 1 - betas
    alphas_cumprod = torch.cumprod(alphas, dim=0)
    mean = (x_t - betas[timestep] / torch.sqrt(1 - alphas_cumprod[timestep]) * noise_pred) / torch.sqrt(alphas[timestep])
    return mean + torch.sqrt(betas[timestep]) * z
