import torch


def reverse_step(x_t, noise_pred, timestep, betas, z):
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / (1 - alpha_bar).sqrt() * noise_pred) / (1 - beta).sqrt()
    return mean + beta.sqrt() * z if timestep > 0 else mean


def strength_to_t_start(strength, num_inference_steps):
    return num_inference_steps - min(int(num_inference_steps * strength), num_inference_steps)


def combine_masked(mask, denoised, original):
    return mask * denoised + (1 - mask) * original


def restore_rows(table, original, trained_ids):
    others = [row for row in range(len(table)) if row not in trained_ids]
    with torch.no_grad():
        table[others] = original[others]
