"""A token that the tokenizer does not know is saved all the same.

convert_tokens_to_ids answers with the id of the unknown token, and its row goes into the file under the wrong name.
Refuse the token.
"""

from typing import Any

from safetensors.torch import save_file

CAUGHT_BY = "test_unknown_token_is_refused"


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save the row of whatever id comes back."""
    row = text_encoder.get_input_embeddings().weight[tokenizer.convert_tokens_to_ids(token)]
    save_file({token: row.detach().clone()[None]}, path)
