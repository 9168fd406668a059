"""Draws the pictures of the lesson page and prints its numbers: `python -m exercises.textual_inversion.pictures.draw`.

It trains with the reference solution, and once with a known mistake, so it needs the instructors' copy of the course.
"""

import copy
from pathlib import Path

import torch
from matplotlib.figure import Figure

from exercises._shared._training import alphas_cumprod
from exercises.textual_inversion.checks import (
    _both_ways,
    _checkpoints,
    _embeddings,
    _long_run,
    _similar_rows,
    _training,
)
from grader.diffusion import loading
from grader.diffusion.stable_diffusion import stable_diffusion
from reference.textual_inversion import _hooked, _train_both_ways
from reference.textual_inversion._training import held_out_loss
from tools.diagrams import Arrow, Box, diagram
from tools.pictures import picture_table
from tools.solutions import load_function

FOLDER = Path(__file__).parent
REFERENCE = FOLDER.parents[2] / "reference" / "textual_inversion"
STEPS = 25
PLAIN = (
    "a red circle on white",
    "a big yellow star at night",
    "a blue square on the left on sand",
    "a green triangle in the sky",
    "a purple ring on black",
)
WAYS = ("neither", "word", "adapter")
STRENGTHS = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5]
WORDS = ("circle", "ring", "square", "triangle", "star", "red", "orange", "blue")

sd = stable_diffusion()


def function(*place: str):
    """Return the function `NAME` in reference/textual_inversion/NAME/..."""
    return load_function(REFERENCE.joinpath(*place), place[0])


def trained(*place: str):
    """Return the losses and the table after training with a solution of `train_embedding`."""
    model = loading.load()
    unet, vae = (copy.deepcopy(module).requires_grad_(False) for module in (model.unet, model.vae))
    encoder = _embeddings.own_text_encoder(_long_run.start_table())
    table = encoder.get_parameter(_embeddings.TABLE).requires_grad_(True)
    train = function("train_embedding", *place)
    losses = train(
        unet,
        vae,
        encoder,
        _long_run.training_batches(),
        [_embeddings.first_id()],
        alphas_cumprod(),
        _long_run.RATE,
    )
    return losses, table.detach()


def painted(prompts, table, seed=0):
    """Return the pictures of prompts, one noise each, the same for every table."""
    text_embeddings = _embeddings.states([""] * len(prompts) + list(prompts), table, _embeddings.TOKEN)
    latents = sd.text_to_image(sd.noise(seed, len(prompts)), STEPS, text_embeddings)
    return [sd.decode(latents[place : place + 1]) for place in range(len(prompts))]


def words_in_numbers(table):
    """Print what the page says of similarities, and of words in company."""
    tokenizer = _embeddings.own_tokenizer(_embeddings.TOKEN)
    ids = [tokenizer(word, add_special_tokens=False).input_ids[0] for word in WORDS]
    similarity = function("token_similarity", "solution.py")(_embeddings.known_table(), ids)
    print("similarities\n|", " | ".join(["", *WORDS]), "|")
    for word, row in zip(WORDS, similarity.tolist(), strict=True):
        print(f"| {word} |", " | ".join(f"{number:.2f}" for number in row), "|")
    cosines = _similar_rows.cosines(table[-1], table)
    near = cosines.argsort(descending=True)[:6].tolist()
    print(
        "nearest to the learned row:", [(tokenizer.convert_ids_to_tokens(i), round(float(cosines[i]), 2)) for i in near]
    )
    lengths = table.norm(dim=1)
    known = [round(float(lengths[i]), 2) for i in ids]
    print(f"length of the learned row {float(lengths[-1]):.2f}, of known words {known}")
    prompts = ["a <gem> on sand", "a <gem> at night", "a big red <gem> at night"]
    context = function("contextual_embedding", "solution.py")
    encoder = _embeddings.own_text_encoder(table)
    first, *others = (context(tokenizer, encoder, prompt, _embeddings.TOKEN) for prompt in prompts)
    row = table[-1]
    for prompt, other in zip(prompts[1:], others, strict=True):
        print(f"<gem> in {prompts[0]!r} and {prompt!r}: largest difference {float((first - other).abs().max()):.3g}")
    print(f"cosine between row and state {float(torch.cosine_similarity(row, first, dim=0)):.2f}")


def checkpoints():
    """Draw what a few prompts give at the checkpoints of both runs of the experiment."""
    prompts = [example.told(_embeddings.TOKEN) for example in _training.examples(3, held_out=True)]
    starts = ["from circle", "from a drawn row"]
    shown = []
    for run in _checkpoints.recorded()["rows"]:
        columns = [painted(prompts, torch.cat([_embeddings.known_table(), row[None]])) for row in run]
        shown += [list(pictures) for pictures in zip(*columns, strict=True)]
    labels = [f"{start}: {prompt}" for start in starts for prompt in prompts]
    picture_table(shown, [f"{steps} steps" for steps in _checkpoints.STEPS], labels).save(FOLDER / "checkpoints.png")


def both_ways():
    """Draw what a word and an adapter paint of a thing and of a style, and what each strength costs."""
    rows, prompts = [], {}
    for subject in _both_ways.SUBJECTS:
        prompts[subject] = _both_ways.captions(subject, 6, held_out=True)
        rows += [_train_both_ways.painted(way, subject, prompts[subject], sd) for way in WAYS]
    print("prompts of both_ways.png:", prompts)
    labels = [f"{subject}: {way}" for subject in ("a thing", "a style") for way in WAYS]
    picture_table(rows, [""] * 6, labels).save(FOLDER / "both_ways.png")
    figure = Figure(figsize=(7.2, 3.0), dpi=110, layout="constrained")
    for axis, subject, title in zip(figure.subplots(1, 2), _both_ways.SUBJECTS, ("a thing", "a style"), strict=True):
        found = _hooked.asked(_both_ways.learned_task(subject, STRENGTHS, _both_ways.PICTURES))
        for way, colour in enumerate(("#1f5fa8", "#c0392b")):
            axis.plot(found.drifts[way], found.losses[way], "o-", color=colour, markersize=4, label=WAYS[1 + way])
        for place in (0, STRENGTHS.index(1.0), len(STRENGTHS) - 1):
            where = float(found.drifts[1, place]), float(found.losses[1, place])
            axis.annotate(f"{STRENGTHS[place]:g}", where, xytext=(4, 4), textcoords="offset points", fontsize=8)
        axis.set(title=title, xlabel="drift of other prompts", ylabel="loss", ylim=(0, None))
        axis.grid(visible=True, color="#dddddd", linewidth=0.6)
        axis.legend(fontsize=8)
    figure.savefig(FOLDER / "trade.png", facecolor="white")


def gradient_flow():
    """Draw which parts the gradient goes through, and where it ends."""
    boxes = {
        "ids": Box(0.9, 1.9, 'ids of\n"a photo of <gem>"', width=1.6),
        "table": Box(3.0, 1.9, "table:\none row learns", "learns", height=0.9),
        "encoder": Box(5.0, 1.9, "text encoder", "model", 1.4, 0.9),
        "unet": Box(7.1, 1.9, "U-Net", "model", 1.3, 0.9),
        "loss": Box(8.9, 1.9, "loss", "rule", 0.9),
        "picture": Box(5.0, 0.5, "picture, autoencoder,\nnoise: under no_grad", "model", 1.8),
        "restore": Box(3.0, 0.5, "after the step: all\nother rows put back", "rule", 1.8),
    }
    forward = {"leaves": "right 0.18", "enters": "left 0.18"}
    backward = {"gradient": True, "leaves": "left -0.18", "enters": "right -0.18"}
    arrows = [
        Arrow("ids", "table"),
        Arrow("table", "encoder", **forward),
        Arrow("encoder", "unet", **forward),
        Arrow("unet", "loss", **forward),
        Arrow("loss", "unet", **backward),
        Arrow("unet", "encoder", "gradients go through", at=(0.0, -0.45), **backward),
        Arrow("encoder", "table", **backward),
        Arrow("picture", "unet", enters="bottom", bend=0.2),
        Arrow("table", "restore", leaves="bottom", enters="top"),
    ]
    diagram(FOLDER / "gradient_flow.png", (9.7, 2.6), boxes, arrows)


def main():
    """Draw the pictures and print the numbers."""
    gradient_flow()
    checkpoints()
    both_ways()
    start = _long_run.start_table()
    losses, learned = trained("solution.py")
    _, drifted = trained("wrong", "rows_drift.py")
    for name, table in (("start", start), ("learned", learned), ("rows left", drifted)):
        print(name, held_out_loss(table), _long_run.painted(table, sd))
    print("losses", [round(sum(losses[k : k + 20]) / 20, 4) for k in range(0, 100, 20)])
    moved = (drifted - start).abs().amax(1)
    print(f"rows left: {int((moved > 0).sum())} of {len(start)} moved, by up to {float(moved[:-1].max()):.3f}")
    words_in_numbers(learned)

    shown = _training.examples(8)
    prompts = [example.told(_embeddings.TOKEN) for example in _training.examples(5, held_out=True)]
    rows = [[example.picture for example in shown[:5]], painted(prompts, start), painted(prompts, learned)]
    labels = ["five of the eight training pictures", "before: <gem> starts as a copy of circle", "after 100 steps"]
    picture_table(rows, [""] * 5, labels).save(FOLDER / "learned.png")
    print("prompts of learned.png:", prompts)
    rows = [painted(PLAIN, table, seed=1) for table in (start, learned, drifted)]
    if [picture.tobytes() for picture in rows[0]] != [picture.tobytes() for picture in rows[1]]:
        raise SystemExit("A prompt without the token has changed, and the page says that it does not.")
    labels = ["before training", "after, the other rows put back at every step", "after, the rows not put back"]
    picture_table(rows, ["red circle", "yellow star", "blue square", "green triangle", "purple ring"], labels).save(
        FOLDER / "unchanged.png"
    )


if __name__ == "__main__":
    main()
