"""Which prompts mean exactly what they meant before a new word was learned."""

from typing import Any


def unchanged_without_token(
    text_encoder_before: Any, text_encoder_after: Any, tokenizer: Any, prompts: list[str]
) -> list[bool]:
    """Tell for every prompt whether both text encoders turn it into exactly the same states.

    That is the promise of textual inversion: a prompt without the new word gives the same picture as before, to the
    bit. A picture depends on its prompt through the last hidden states alone, so comparing these is enough.

    What you get:

        text_encoder_before  a CLIPTextModel with room for the new token, before training
        text_encoder_after   the same after training. Something may have gone wrong in it: words that should have
                             stayed may have moved, and other weights as well
        tokenizer            a CLIPTokenizer that knows the new token
        prompts              a list of one or more prompts, none too long for the model

    Cut each prompt into ids as Stable Diffusion does, padded to tokenizer.model_max_length, and let both encoders make
    their last hidden states [L, D] of it, without an attention mask. The answer is True if these are equal to the bit
    at every place, else False. Every place means all L of them, the padding too: the U-Net looks at all of them. The
    result is a list of bools, one for each prompt, in order (a single bool of NumPy or PyTorch counts as one).

    To the bit: torch.equal, not torch.allclose, and in the precision that the encoders compute in. Changes of a
    millionth add up over training runs, and "unchanged" means unchanged. Do not look at the words of the prompt: a
    prompt with the new token is unchanged if its row has not moved, and one without it has changed if another of its
    words has.

    Change nothing in the three objects.

    Examples: if only the row of <gem> has moved, the answer for ["a red circle", "a red <gem>"] is [True, False]. If
    the row of "red" has moved by 0.0000001 as well, it is [False, False].
    """
    raise NotImplementedError
