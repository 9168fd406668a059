"""Bypasses beside the layers, by forward hooks: no weight is touched."""

from functools import partial

import torch


def _bypass(A, B, scale, _module, args, output):
    return output + scale * torch.nn.functional.linear(torch.nn.functional.linear(args[0], A), B)


def lora_interference(unet, first, second, latents, timestep, text_embeddings):
    """Ask with hooks, and take them off again."""

    def ask(*adapters):
        hooks = []
        for adapter in adapters:
            for name, (A, B, alpha) in adapter.items():
                hooks.append(unet.get_submodule(name).register_forward_hook(partial(_bypass, A, B, alpha / A.shape[0])))
        try:
            with torch.inference_mode():
                return unet(latents, timestep, encoder_hidden_states=text_embeddings).sample.clone()
        finally:
            for hook in hooks:
                hook.remove()

    result = {"neither": ask(), "first": ask(first), "second": ask(second), "both": ask(first, second)}
    interference = []
    for n, f, s, b in zip(*result.values(), strict=True):
        change = float((b - n).abs().mean())
        interference.append(float((b - f - s + n).abs().mean()) / change if change else 0.0)
    result["interference"] = interference
    return result
