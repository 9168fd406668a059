"""Copies of both networks, of which the state is loaded anew for each setting; sums in plain floats."""

import copy

import torch


def word_or_adapter(unet, text_encoder, token_id, row, adapter, strengths, shown, others, alphas_cumprod):
    """Measure on copies, one picture after the other."""
    other_unet, encoder = copy.deepcopy(unet), copy.deepcopy(text_encoder)
    start = text_encoder.get_input_embeddings().weight[token_id].detach().clone()

    def ask(batch, i):
        t = int(batch["timesteps"][i])
        abar = float(alphas_cumprod[t])
        z_t = abar**0.5 * batch["latents"][i : i + 1] + (1 - abar) ** 0.5 * batch["noise"][i : i + 1]
        with torch.no_grad():
            states = encoder(batch["input_ids"][i : i + 1]).last_hidden_state
            return other_unet(z_t, t, encoder_hidden_states=states).sample[0]

    def every(batches):
        return [(batch, i) for batch in batches for i in range(len(batch["timesteps"]))]

    before = [ask(*one) for one in every(others)]

    def measure():
        losses = [float(((ask(batch, i) - batch["noise"][i]) ** 2).mean()) for batch, i in every(shown)]
        drifts = [float((ask(*one) - was).abs().mean()) for one, was in zip(every(others), before, strict=True)]
        return sum(losses) / len(losses), sum(drifts) / len(drifts)

    words, adapters = [], []
    for strength in strengths:
        encoder.get_input_embeddings().weight.data[token_id] = (1 - strength) * start + strength * row
        words.append(measure())
        encoder.load_state_dict(text_encoder.state_dict())
        for layer, (A, B, alpha) in adapter.items():
            other_unet.get_submodule(layer).weight.data += B @ A * (strength * alpha / A.shape[0])
        adapters.append(measure())
        other_unet.load_state_dict(unet.state_dict())
    found = torch.tensor([words, adapters])
    learned = 0
    for A, B, _ in adapter.values():
        learned += A.shape[0] * (A.shape[1] + B.shape[0])
    return {"numbers": [row.shape[0], learned], "losses": found[..., 0], "drifts": found[..., 1]}
