"""Saves as diffusers' training script does, with a note on the format."""

from typing import Any

import safetensors.torch


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save the slice of the table that belongs to the token."""
    token_id = tokenizer.convert_tokens_to_ids(token)
    if token_id == tokenizer.unk_token_id:
        raise ValueError("unknown token: " + token)
    learned_embeds = text_encoder.get_input_embeddings().weight[token_id : token_id + 1]
    learned_embeds_dict = {token: learned_embeds.detach().cpu()}
    safetensors.torch.save_file(learned_embeds_dict, path, metadata={"format": "pt"})
