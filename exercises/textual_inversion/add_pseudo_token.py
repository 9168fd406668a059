"""A new word: one more token for the tokenizer, and one more row for the embedding table."""

from typing import Any

import torch


def add_pseudo_token(
    tokenizer: Any,
    text_encoder: Any,
    token: str,
    initializer: str | None = None,
    generator: torch.Generator | None = None,
) -> int:
    """Teach tokenizer and text encoder a new token, and return its id. Works in place.

    What you get:

        tokenizer     a CLIPTokenizer; len(tokenizer) is the number of tokens it knows
        text_encoder  a CLIPTextModel; text_encoder.get_input_embeddings().weight is its table [V, D] with one row a
                      token: V = len(tokenizer), and ids count from 0
        token         the new token, such as "<gem>", without capital letters
        initializer   a word to start from, or None
        generator     a torch.Generator, given where initializer is None

    What must hold afterwards:

        the token has the id V, which is the result
        tokenizer(token, add_special_tokens=False).input_ids is [V]: one piece, also inside a prompt
        text_encoder's table is [V + 1, D], and the text encoder uses it
        rows 0 to V - 1, and all other weights, are what they were, to the bit. Whether they may be trained is not asked
        row V is a copy of the initializer's row, or, where initializer is None, drawn with the generator: D normal
        numbers of mean 0 and the standard deviation of all numbers in the old table. How you draw them is up to you,
        as long as they depend on nothing but the generator's state

    The copy is where learning starts. It is a row of its own: training the new word must not touch the old one.

    Two things are refused with a ValueError that says what is wrong, before anything has been changed:

        a token that is in the vocabulary, tokenizer.get_vocab(), already: one of the pieces it came with, or one that
        was added before. (add_tokens does not help: it counts a piece it came with as new.)
        an initializer that the tokenizer does not turn into exactly one piece. "cat" is one, "wombat" is several for
        most tokenizers, and "" is none

    Hints. tokenizer.add_tokens(token) adds a token. text_encoder.resize_token_embeddings(n) gives the table n rows and
    fills the new ones with numbers of its own, which may come from the global generator, so set yours afterwards,
    inside torch.no_grad(). In CLIP's vocabulary the word "cat" is spelled "cat</w>"; let the tokenizer find its id, as
    in tokenizer("cat", add_special_tokens=False).input_ids.

    Numbers: CLIP's tokenizer knows 49,408 tokens, with ids 0 to 49,407. The first token that is added gets id
    49,408, the second 49,409.
    """
    raise NotImplementedError
