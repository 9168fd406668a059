"""Hooks add the bypass behind each layer. One picture at a time, sums in double precision."""

import torch


def beside(A, B, alpha):
    def hook(_module, inputs, output):
        return output + alpha / A.shape[0] * (inputs[0] @ A.T) @ B.T

    return hook


@torch.no_grad()
def lora_checkpoints(unet, checkpoints, trained_on, held_out, others, alphas_cumprod):
    """Ask about one picture after the other, with hooks and without."""

    def pictures(batches):
        for batch in batches:
            keys = ("latents", "noise", "timesteps", "text_embeddings")
            yield from zip(*(batch[key] for key in keys), strict=True)

    def ask(latents, noise, t, text_embeddings):
        a = alphas_cumprod[t]
        mixed = a**0.5 * latents + (1 - a) ** 0.5 * noise
        return unet(mixed[None], t, encoder_hidden_states=text_embeddings[None]).sample[0]

    def mean(values):
        values = list(values)
        return sum(values) / len(values)

    def loss(batches):
        return mean(((ask(*picture) - picture[1]).double() ** 2).mean().item() for picture in pictures(batches))

    before = [ask(*picture) for picture in pictures(others)]
    results = {"trained_on": [], "held_out": [], "drift": []}
    for checkpoint in checkpoints:
        hooks = [unet.get_submodule(name).register_forward_hook(beside(*each)) for name, each in checkpoint.items()]
        results["trained_on"].append(loss(trained_on))
        results["held_out"].append(loss(held_out))
        after = [ask(*picture) for picture in pictures(others)]
        results["drift"].append(mean((x - y).double().pow(2).mean().item() for x, y in zip(after, before, strict=True)))
        for hook in hooks:
            hook.remove()
    results["keep"] = results["held_out"].index(min(results["held_out"]))
    return results
