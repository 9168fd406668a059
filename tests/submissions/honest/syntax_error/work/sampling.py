import torch


def reverse_step(x_t, noise_pred, timestep, betas, z):
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar * noise_pred) / torch.sqrt(1 - beta)
    return mean if timestep == 0 else mean + torch.sqrt(beta) * z
