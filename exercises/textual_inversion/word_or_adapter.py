"""The project: a word and an adapter, trained on the same pictures, in one table and one figure."""

from typing import Any

import torch


def word_or_adapter(
    unet: Any,
    text_encoder: Any,
    token_id: int,
    row: torch.Tensor,
    adapter: dict[str, tuple[torch.Tensor, torch.Tensor, float]],
    strengths: list[float],
    shown: list[dict[str, torch.Tensor]],
    others: list[dict[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Measure what a learned word and a learned adapter each reach at some strengths, and what else they change.

    Both were trained on the same pictures with the same captions, in which the new token stands: textual inversion
    has learned a row for it, LoRA has learned matrices for the U-Net, with the row as it was at the start. Two numbers
    decide which to take: how well the pictures are predicted, and how much other prompts change.

    strength says how far to go. 0 is the model as you get it, 1 is what was learned:

        word     the token's row is start + strength * (row - start), where start is the row that the table holds when
                 you get it. The U-Net is as you get it
        adapter  the weight of each layer that is named is W + strength * alpha / r * B A. The token's row is start

    What you return: a dict with these three keys. The first of two is always the word, the second the adapter. S is the
    number of strengths.

        "numbers"  a list of two ints: how many numbers each has learned, those of the row and those of all A and B
        "losses"   [2, S], float32: the mean of (noise_pred - noise)^2 over all numbers of all pictures in shown
        "drifts"   [2, S], float32: the mean of |noise_pred - what the model predicts as you get it| over all numbers of
                   all pictures in others. No caption there has the token in it

    Every picture counts the same, whether its batch is large or small. The figure is drawn from this: drifts to the
    right, losses upwards, one curve for the word and one for the adapter, a point for each strength.

    What you get:

        unet            diffusers' U-Net, frozen and without an adapter. Use it as
                        unet(z_t, timesteps, encoder_hidden_states=states).sample
        text_encoder    a CLIP text encoder, frozen. states is text_encoder(input_ids).last_hidden_state, and its table
                        of words is text_encoder.get_input_embeddings().weight [V, D]
        token_id        an int: the token's row in the table. Other new tokens may come after it
        row             [D], float32: the row that textual inversion has learned
        adapter         a dict as in lora_interference: from the name of a linear layer of unet (for
                        unet.get_submodule) to (A, B, alpha), where A is [r, in], B is [out, r] and alpha a float. Each
                        layer has a rank and an alpha of its own
        strengths       a list of S floats, each 0 or more, in any order. Some may be equal
        shown, others   lists of one or more batches. A batch is a dict with one or more pictures: latents [B, 4, h, w]
                        (encoded and scaled already), input_ids [B, L], noise [B, 4, h, w] and timesteps [B]
        alphas_cumprod  [1000]

    z_t = sqrt(alpha-bar_t) latents + sqrt(1 - alpha-bar_t) noise, with the timestep of each picture. Draw no random
    numbers. After the call, every weight of unet and text_encoder must be what it was before, to the bit, under its old
    name. Do not change the other inputs. Results may carry a graph of gradients or not.

    The second part is marked by a person. The lesson's page has both trainings on two subjects, a thing and a style.
    Write what your table and your figure say: which way you would take for the thing and which for the style, why one
    of the two fails at one of them, and what you would check before you gave either to somebody else. Use the numbers.
    A paragraph and the table will do. Write it in Markdown: in a file word_or_adapter.md beside this one, in a text
    cell of your notebook under the heading "word_or_adapter", or in the docstring at the top of this file.
    """
    raise NotImplementedError
