"""The whole of textual inversion: a new word learned from a handful of pictures, and nothing else changed."""

from typing import Any

import torch


def train_embedding(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    batches: list[dict[str, torch.Tensor]],
    token_ids: list[int],
    alphas_cumprod: torch.Tensor,
    learning_rate: float,
) -> list[float]:
    """Learn the rows of new tokens, one step a batch, and return the loss of every batch as a list of floats.

    Each is the loss before the step, a plain number (loss.item()) and not a tensor.

    Keep a copy of the table as it is at the start. Make one optimizer,

        torch.optim.AdamW([table], lr=learning_rate)

    with its other settings at their defaults, and go once over the batches, in order. For each batch do what
    inversion_training_step does: the loss of the predicted noise, a step along the gradient of this batch alone, not
    clipped, and every row but those in token_ids back to what it was at the start.

    What you get:

        unet, vae       frozen
        text_encoder    frozen but for its table, text_encoder.get_input_embeddings().weight [V, D], which has the rows
                        of the new tokens already. Add and freeze nothing
        batches         a list of one or more batches as in inversion_training_step: pixel_values [B, 3, H, W],
                        input_ids [B, L], noise [B, 4, h, w], timesteps [B]
        token_ids       a list of one or more ids: the rows that learn, as in inversion_training_step
        alphas_cumprod  [1000]
        learning_rate   a float, such as 0.005: much larger than for a whole model, because so few numbers learn

    What must hold afterwards:

        the concept is learned: prompts with the token give pictures of what the training pictures show
        the rows in token_ids have moved, every other row is what it was, to the bit, and so is every other weight
        so a prompt without the token gives the same picture as before, to the bit
        batches, token_ids and alphas_cumprod are as they were

    Draw no random numbers. The rows go back after every step, not at the end: in between, the captions of the next
    batch need the other words as they were. Write the step anew, or import it from a file of yours beside this one.

    The run that is graded has a hundred batches of four pictures and takes some seconds. You may watch it, with print
    or a progress bar.
    """
    raise NotImplementedError
