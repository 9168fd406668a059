"""An experiment: which row to keep, of several runs of textual inversion and of several moments of each run."""

from typing import Any

import torch


def inversion_checkpoints(
    unet: Any,
    text_encoder: Any,
    token_id: int,
    rows: torch.Tensor,
    batches: list[dict[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Ask every checkpoint of some runs the same question, and choose the row to keep.

    A new word was trained several times, each time from another start. Of every run the row was saved now and then:
    these are its checkpoints. Losses of the training do not tell which is best, since every step has other pictures,
    other noise and other timesteps. So here every row is asked about the same pictures, which no run has seen, under
    the same noise.

    What you return: a dict with these four keys. R is the number of runs, K that of the checkpoints of each.

        "losses"     [R, K], float32: losses[r, k] is the mean of (noise_pred - noise)^2 over all numbers of all
                     pictures of all batches, if the row of the token is rows[r, k]. Every picture counts the same,
                     whether its batch is large or small
        "distances"  [R, K], float32: how far a row has come since the first checkpoint of its run. It is the length
                     (root of the sum of squares) of rows[r, k] - rows[r, 0]
        "nearest"    [R, K], int64: the id of the word that rows[r, k] is most alike: the row of the table with the
                     largest cosine similarity to it. Row token_id of the table does not count
        "best"       a tuple (r, k) of two ints: the checkpoint with the lowest loss. Of equal ones the one of the run
                     that comes first, and in that run the earliest

    What you get:

        unet            diffusers' U-Net, frozen. Use it as unet(z_t, timesteps, encoder_hidden_states=states).sample
        text_encoder    a CLIP text encoder, frozen. states is text_encoder(input_ids).last_hidden_state, and its table
                        of words is text_encoder.get_input_embeddings().weight [V, D]
        token_id        an int: the row of the table that belongs to the new token. Other new tokens may come after it
        rows            [R, K, D], float32: what this row was at each checkpoint. rows[r, 0] is the start of run r
        batches         a list of one or more dicts, with one or more pictures each:
                            latents    [B, 4, h, w]: pictures, encoded and scaled already
                            input_ids  [B, L]: their captions. Most have the new token in them, some more than once
                            noise      [B, 4, h, w]
                            timesteps  [B], one for each picture
        alphas_cumprod  [1000]

    z_t = sqrt(alpha-bar_t) latents + sqrt(1 - alpha-bar_t) noise, with the timestep of each picture. Draw no random
    numbers.

    Nothing is trained here. After the call every weight of text_encoder and unet, the row of the token included, must
    be what it was before, to the bit. Do not change the other inputs.

    A worked example of the last two: in a table whose rows are [1, 0], [0, 5] and, for the token, [9, 9], the rows
    [[2, 1], [1, 2]] of a single run have the distances [0, 1.41] and are nearest to the words [0, 1]. The dot product
    would say 1 for both, because row 1 is long.
    """
    raise NotImplementedError
