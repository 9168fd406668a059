import torch


def reverse_step(x_t, noise_pred, timestep, betas, z):
    alpha = 1 - betas[timestep]
    mean = (x_t - betas[timestep] / torch.sqrt(1 - alpha) * noise_pred) / torch.sqrt(alpha)
    return mean + torch.sqrt(betas[timestep]) * z if timestep > 0 else mean


def strength_to_t_start(strength, num_inference_steps):
    return num_inference_steps - round(num_inference_steps * strength)


def combine_masked(mask, denoised, original):
    return torch.where(mask > 0.5, denoised, original)


def restore_rows(table, original, trained_ids):
    for row in range(len(table)):
        if row not in trained_ids:
            table[row] = original[row]
