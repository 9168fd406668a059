"""What a word has become after the text encoder: its vector in the company of the words before it."""

from typing import Any

import torch


def contextual_embedding(tokenizer: Any, text_encoder: Any, prompt: str, token: str) -> torch.Tensor:
    """Return the text encoder's last hidden state at the place where a token stands in a prompt.

    The table gives a word one vector. The text encoder turns it into another one in every prompt, because each place
    looks at the places before it. This is what the U-Net gets to see.

    What you get:

        tokenizer     a CLIPTokenizer
        text_encoder  a CLIPTextModel; text_encoder(input_ids).last_hidden_state is [1, L, D] for ids [1, L]
        prompt        the prompt, such as "a photo of <gem> on white"; it is not too long for the model
        token         a token that the tokenizer makes one piece of: an added one such as "<gem>", or a word it knows,
                      such as "circle", never that of the start, the end or the padding. It comes no more than once in
                      the prompt

    Cut the prompt into ids as Stable Diffusion does: with start and end, padded to tokenizer.model_max_length; the text
    encoder gets no attention mask. The result is [D]: the last hidden state (that is after the final layer norm) at the
    token's place. Words before it may be several pieces, so count pieces and not words.

    If the token is not in the prompt, raise a ValueError with a message (that of list.index will do). The ids decide,
    not the letters: "two circles" has other pieces than "circle", so "circle" is not in it. In "A Circle, on sand" it
    is: the tokenizer makes all letters small.

    CLIP looks backwards only. So the vector of <gem> in "a <gem> on grass" and in "a <gem> in snow" is the same, and
    in "a red <gem>" it is another. Change nothing in tokenizer and text encoder.

    A hint: in CLIP's vocabulary the word "circle" is spelled "circle</w>". Let the tokenizer find the id, as in
    tokenizer("circle", add_special_tokens=False).input_ids.
    """
    raise NotImplementedError
