"""What this course has beside a submission: recipes of the objects its functions get, and readers that look at them.

A handle `Handle("unet", {"trainable": []})` in a check is built by the recipe `unet` in the process that runs the
submission; `submission.read.calls(handle)` is answered there by the reader `calls`. So nothing here may know an answer:
students can read this file. See docs/authors.md on how to add a recipe or a reader.
"""

import torch

from grader.sandbox.workbench import Reader, Workbench
from grader.workbench import logs, readers, recipes, shared_networks

WORKBENCH = Workbench(
    load_model=recipes.load_model,
    to_device=recipes.to_device,
    put_away=shared_networks.put_away,
    recipes={
        "unet": recipes.unet,
        "untrained_unet": recipes.untrained_unet,
        "unet_with_lora": recipes.unet_with_lora,
        "vae": recipes.vae,
        "text_encoder": recipes.text_encoder,
        "text_encoder_to_train": recipes.text_encoder_to_train,
        "table": recipes.table,
        "moved_table": recipes.moved_table,
        "tokenizer": recipes.tokenizer,
        "scheduler": recipes.scheduler,
        "optimizer": recipes.optimizer,
        "denoiser": recipes.denoiser,
    },
    new_for_every_call={"scheduler"},  # it comes fresh, as every statement promises
    readers={
        "calls": Reader(readers.calls, returns=list[logs.LoggedCall]),
        "state_dict": Reader(readers.state_dict, returns=dict[str, torch.Tensor]),
        "digests": Reader(readers.digests, returns=dict[str, int]),
        "digests_of_rows": Reader(readers.digests_of_rows, returns=torch.Tensor),
        "rows": Reader(readers.rows, returns=torch.Tensor),
        "trainable": Reader(readers.trainable, returns=list[str]),
        "gradients": Reader(readers.gradients, returns=dict[str, torch.Tensor]),
        "prediction": Reader(readers.prediction, returns=torch.Tensor),
        "token_ids": Reader(readers.token_ids, returns=list[list[int]]),
        "text_states": Reader(readers.text_states, returns=torch.Tensor),
        "follow": Reader(logs.follow, returns=None),
        "flow": Reader(readers.flow, returns=dict[str, torch.Tensor]),
    },
)
