"""Other weights for the length of a call, by torch.func.functional_call."""

import torch
from torch.func import functional_call


def lora_interference(unet, first, second, latents, timestep, text_embeddings):
    """Compose the weights that differ, and call the U-Net with them."""

    def composed(adapters):
        changed = {}
        for adapter in adapters:
            for layer, (A, B, alpha) in adapter.items():
                name = f"{layer}.weight"
                weight = changed.get(name, unet.get_parameter(name))
                changed[name] = torch.addmm(weight, B, A, alpha=alpha / A.shape[0])
        return changed

    def ask(*adapters):
        given = {"encoder_hidden_states": text_embeddings}
        return functional_call(unet, composed(adapters), (latents, timestep), given).sample

    with torch.no_grad():
        predictions = {"neither": ask(), "first": ask(first), "second": ask(second), "both": ask(first, second)}
        neither, one, two, both = predictions.values()
        apart = torch.mean(torch.abs(both - (one + two - neither)), dim=(1, 2, 3))
        change = torch.mean(torch.abs(both - neither), dim=(1, 2, 3))
        share = torch.nan_to_num(apart / change, nan=0.0)
    return {**predictions, "interference": share.tolist()}
