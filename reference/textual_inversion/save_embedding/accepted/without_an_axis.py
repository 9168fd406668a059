"""Saves the row as [D], as diffusers' training script does for one vector."""

from typing import Any

from safetensors.torch import save_file


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save a vector."""
    if token not in tokenizer.get_vocab():
        raise ValueError(f"unknown token {token}")
    (token_id,) = tokenizer(token, add_special_tokens=False).input_ids
    save_file({token: text_encoder.get_input_embeddings().weight.data[token_id].clone()}, path)
