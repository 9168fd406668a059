"""Other weights for the length of a call, by torch.func.functional_call, and one loop over both ways."""

import torch
from torch.func import functional_call


def word_or_adapter(unet, text_encoder, token_id, row, adapter, strengths, shown, others, alphas_cumprod):
    """Describe each setting by the weights that it changes, and measure all in the same way."""
    table = text_encoder.get_input_embeddings().weight.detach()
    (name,) = [key for key, value in text_encoder.named_parameters() if value.shape == table.shape]

    @torch.inference_mode()
    def predict(batches, words, layers):
        found = []
        for batch in batches:
            abar = alphas_cumprod[batch["timesteps"]].reshape(-1, 1, 1, 1)
            z_t = torch.sqrt(abar) * batch["latents"] + torch.sqrt(1 - abar) * batch["noise"]
            told = functional_call(text_encoder, {name: words}, (batch["input_ids"],)).last_hidden_state
            given = {"encoder_hidden_states": told}
            found += functional_call(unet, layers, (z_t, batch["timesteps"]), given).sample.unbind()
        return torch.stack(found)

    def at(strength):
        words = table.clone()
        words[token_id] = torch.lerp(table[token_id], row, strength)
        layers = {}
        for layer, (A, B, alpha) in adapter.items():
            weight = unet.get_submodule(layer).weight
            layers[f"{layer}.weight"] = torch.addmm(weight, B, A, alpha=strength * alpha / A.shape[0])
        return (words, {}), (table, layers)

    noise = torch.cat([batch["noise"] for batch in shown])
    before = predict(others, table, {})
    settings = list(zip(*[at(strength) for strength in strengths], strict=True))
    losses = [[torch.nn.functional.mse_loss(predict(shown, *one), noise) for one in way] for way in settings]
    drifts = [[torch.nn.functional.l1_loss(predict(others, *one), before) for one in way] for way in settings]
    count = sum(matrix.numel() for a, b, _ in adapter.values() for matrix in (a, b))
    return {"numbers": [len(row), count], "losses": torch.tensor(losses), "drifts": torch.tensor(drifts)}
