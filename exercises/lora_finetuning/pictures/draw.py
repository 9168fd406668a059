"""Draws the pictures of the lesson page: `python -m exercises.lora_finetuning.pictures.draw`."""

import copy
from pathlib import Path

from matplotlib.figure import Figure

from exercises._shared._training import alphas_cumprod
from exercises.lora_finetuning.checks import _checkpoints as saved
from exercises.lora_finetuning.checks import _two_adapters as two
from exercises.lora_finetuning.checks._adapters import adapter_of, put_on
from exercises.lora_finetuning.checks._unets import TARGETS, Twins, own
from grader.diffusion.stable_diffusion import stable_diffusion
from grader.sandbox.wire.handles import Handle
from reference.lora_finetuning._hooks import beside
from reference.lora_finetuning._style import LEARNING_RATE, paint, style_batches
from reference.lora_finetuning._training import trained
from tools.diagrams import Arrow, Box, diagram
from tools.pictures import picture_table

FOLDER = Path(__file__).parent
STEPS = 25
SHOWN_STEPS = (20, 80, 320)
SHARES = (0.0, 0.5, 1.0, 1.5)
PROMPTS = ("a red circle", "a blue star", "a green square", "a purple cross", "a yellow ring", "an orange star")

sd = stable_diffusion()


def adapter():
    """Return the weights of an adapter that has learned the style."""
    handle = Handle("unet_with_lora", {"unet": sd.unet, "target_modules": TARGETS, "rank": 4, "alpha": 4, "seed": 0})
    twins = Twins()
    optimizer = twins[Handle("optimizer", {"module": handle, "learning_rate": LEARNING_RATE})]
    frozen = own(sd.vae), own(sd.text_encoder)
    trained(twins[handle], optimizer, *frozen, style_batches(), alphas_cumprod())
    return {name: value.clone() for name, value in adapter_of(twins[handle].state_dict()).items()}


def at(share: float, weights):
    """Return the U-Net with an adapter at a share of its alpha."""
    unet = copy.deepcopy(own(sd.unet))
    put_on(unet, {name: share * value if name.endswith("lora_B") else value for name, value in weights.items()})
    return unet


def two_at_once() -> None:
    """Draw the same prompts with neither of two trained adapters, with each, and with both."""
    task = two.trained_task(sd)
    rows = []
    for adapters in ((), (task.first,), (task.second,), (task.first, task.second)):
        with beside(own(sd.unet), adapters) as unet:
            rows.append(paint(unet, sd, PROMPTS, seed=3, steps=STEPS))
    picture_table(rows, list(PROMPTS), ["neither", "pink", "night", "both"]).save(FOLDER / "two.png")


def checkpoints() -> None:
    """Draw what was measured with every checkpoint of a gem, and what some of them make of the same prompts."""
    found, before = saved.measured("gem"), saved.measured("gem without an adapter")
    figure = Figure(figsize=(6.4, 3.2), dpi=110, layout="constrained")
    axis = figure.subplots()
    lines = {"held_out": "#c0392b", "trained_on": "#1f5fa8", "drift": "#8a8a8a"}
    for name, colour in lines.items():
        numbers = [*getattr(before, name), *getattr(found, name)]
        axis.plot(range(len(numbers)), numbers, "o-", color=colour, markersize=4, label=name)
    best = found.keep + 1
    axis.plot(best, found.held_out[found.keep], "o", color="#c0392b", markersize=10, fillstyle="none", label="keep")
    axis.set_xticks(range(len(saved.STEPS) + 1), ["0", *map(str, saved.STEPS)])
    axis.set(xlabel="steps of training", ylabel="mean of squares", ylim=(0, None))
    axis.legend(frameon=False)
    figure.savefig(FOLDER / "checkpoints.png")

    prompts = (
        "a big gem in the middle in the sky", "a big gem on white", "a gem on gray", "a yellow ring on sand",
        "a purple cross in the sky",
    )  # fmt: skip
    adapters = dict(zip(saved.STEPS, saved.trained_task(sd).checkpoints, strict=True))
    columns = []
    for steps in (0, *SHOWN_STEPS):
        with beside(own(sd.unet), [adapters[steps]] if steps else []) as unet:
            columns.append(paint(unet, sd, prompts, seed=4, steps=STEPS))
    rows = [list(row) for row in zip(*columns, strict=True)]
    picture_table(rows, ["without", *map(str, SHOWN_STEPS)], list(prompts)).save(FOLDER / "gem.png")


def bypass() -> None:
    """Draw a layer with its bypass, what it computes and where gradients go."""
    boxes = {
        "x": Box(0.8, 1.6, "x  [in]", width=1.1),
        "W": Box(3.6, 2.35, "W  [out, in], frozen", "model", 2.6),
        "A": Box(2.55, 0.85, "A  [r, in]", "learns", 1.4),
        "B": Box(4.65, 0.85, "B  [out, r]\nzero at first", "learns", 1.4),
        "scale": Box(6.4, 0.85, "times alpha / r", "rule", 1.1),
        "sum": Box(7.6, 1.6, "+", "rule", 0.5, 0.5),
        "result": Box(9.0, 1.6, "result  [out]", width=1.3),
    }
    forward = {"leaves": "right 0.12", "enters": "left 0.12"}
    backward = {"gradient": True, "leaves": "left -0.12", "enters": "right -0.12"}
    arrows = [
        Arrow("x", "W", leaves="right 0.1"),
        Arrow("x", "A", leaves="right -0.1"),
        Arrow("A", "B", "r numbers", **forward),
        Arrow("B", "scale", **forward),
        Arrow("W", "sum", enters="top"),
        Arrow("scale", "sum", leaves="right 0.12", enters="bottom"),
        Arrow("sum", "result", **forward),
        Arrow("result", "sum", **backward),
        Arrow("sum", "scale", gradient=True, leaves="bottom -0.15", enters="right -0.12", bend=-0.25),
        Arrow("scale", "B", **backward),
        Arrow("B", "A", **backward),
        Arrow(
            "sum", "W", "through W, which stays", gradient=True, leaves="left", enters="bottom", bend=-0.2,
            at=(-0.55, -0.2),
        ),
    ]  # fmt: skip
    diagram(FOLDER / "bypass.png", (9.9, 3.0), boxes, arrows)


def main() -> None:
    """Draw the bypass, the same prompts with one adapter, with two and with checkpoints, and rising alpha."""
    bypass()
    two_at_once()
    checkpoints()
    weights = adapter()
    rows = [paint(unet, sd, PROMPTS, seed=3, steps=STEPS) for unet in (own(sd.unet), at(1.0, weights))]
    picture_table(rows, list(PROMPTS), ["without", "with the adapter"]).save(FOLDER / "style.png")

    prompts = ("a red circle", "a blue star on white", "a green square at night")
    columns = [paint(at(share, weights), sd, prompts, seed=5, steps=STEPS) for share in SHARES]
    rows = [list(row) for row in zip(*columns, strict=True)]
    picture_table(rows, [f"alpha {4 * share:g}" for share in SHARES], list(prompts)).save(FOLDER / "alpha.png")


if __name__ == "__main__":
    main()
