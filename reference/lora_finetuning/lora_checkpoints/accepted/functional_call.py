"""Other weights for the length of a call, by torch.func.functional_call, and all three lists asked about at once."""

import torch
from torch.func import functional_call


def lora_checkpoints(unet, checkpoints, trained_on, held_out, others, alphas_cumprod):
    """Join all pictures into one batch, and take the means over its parts."""
    batches = [*trained_on, *held_out, *others]
    latents, noise, timesteps, text = (
        torch.cat([batch[key] for batch in batches]) for key in ("latents", "noise", "timesteps", "text_embeddings")
    )
    counts = [sum(len(batch["timesteps"]) for batch in some) for some in (trained_on, held_out, others)]
    alpha_bar = alphas_cumprod[timesteps][:, None, None, None]
    latents_t = torch.sqrt(alpha_bar) * latents + torch.sqrt(1 - alpha_bar) * noise

    def ask(checkpoint):
        weights = {
            f"{layer}.weight": torch.addmm(unet.get_parameter(f"{layer}.weight"), B, A, alpha=alpha / A.shape[0])
            for layer, (A, B, alpha) in checkpoint.items()
        }
        return functional_call(unet, weights, (latents_t, timesteps), {"encoder_hidden_states": text}).sample

    rows = []
    with torch.no_grad():
        before = ask({})
        for checkpoint in checkpoints:
            prediction = ask(checkpoint)
            seen, unseen, _ = (torch.mean((prediction - noise) ** 2, dim=(1, 2, 3))).split(counts)
            moved = torch.mean((prediction - before) ** 2, dim=(1, 2, 3)).split(counts)[2]
            rows.append([part.mean().item() for part in (seen, unseen, moved)])
    trained_on, held_out, drift = (list(column) for column in zip(*rows, strict=True))
    return {
        "trained_on": trained_on,
        "held_out": held_out,
        "drift": drift,
        "keep": min(enumerate(held_out), key=lambda pair: pair[1])[0],
    }
