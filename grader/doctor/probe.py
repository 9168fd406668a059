"""The process in which the doctor tries what may crash or hang: heavy imports, models, workers, kernels.

Started as `python -P -m grader.doctor.probe STEPS`, with the steps as JSON: a list of objects with a `label`, an
`action` and its `arguments`. On standard output it says how each step ended, one JSON object a line.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.diffusion.choice import Choice

_KERNEL = "python3"  # the name under which ipykernel offers the Python that it is installed in
_KERNEL_SECONDS = 60
_LATENT_SIDE = 16
_MOST_CHARACTERS = 300  # of a message


def import_module(module: str) -> str:
    """Import a library."""
    importlib.import_module(module)
    return ""


def torch_build() -> str:
    """Say which build of PyTorch it is."""
    import torch

    if torch.version.cuda:
        built = f"built for CUDA {torch.version.cuda}"
    elif hip := getattr(torch.version, "hip", None):
        built = f"built for ROCm {hip}"
    else:
        built = "built for " + ("the CPU and Metal" if torch.backends.mps.is_built() else "the CPU")
    return f"{torch.__version__}, {built}"


def tiny_model() -> str:
    """Load the tiny model and let it answer."""
    from grader.diffusion import loading
    from grader.diffusion.choice import TINY

    ask(loading.load(), TINY)
    return "it loads, and its U-Net answers"


def worker() -> str:
    """Start a fork server and one worker, and say how far that is confined."""
    from grader.sandbox.outside.server import ForkServer, Isolation

    with ForkServer(Isolation.AUTO) as server:
        server.spawn({}, cpu_seconds=60).close()
        return str(server.isolation)


def kernel() -> str:
    """Start the Jupyter kernel that notebooks get by default, and say which Python it is."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name=_KERNEL, startup_timeout=_KERNEL_SECONDS)
    try:
        asked = {"prefix": "__import__('sys').prefix"}
        reply = client.execute("", user_expressions=asked, reply=True, timeout=_KERNEL_SECONDS)
        return str(reply["content"]["user_expressions"]["prefix"]["data"]["text/plain"]).strip("'\"")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def find_model(model: str) -> str:
    """Find a real model on this machine and refuse what cannot be used; "" if it has yet to be downloaded."""
    from grader.diffusion.compatibility import refuse_other_kinds
    from grader.diffusion.hub import find_here

    folder = find_here(model)
    if folder is None:
        return ""
    refuse_other_kinds(folder, model)
    return str(folder.resolve())


def device(wanted: str | None) -> str:
    """Find the device for a real model, compute something on it, and say what it is."""
    import torch

    from grader.diffusion.resources import GIB, find_device

    found = find_device(wanted)
    square = torch.ones(8, 8, device=found)
    if float((square @ square).sum()) != 512:  # noqa: PLR2004 - 64 places, each the sum of 8 ones
        raise ArithmeticError("a product of matrices comes out wrong")
    if found != "cuda":
        return found
    free, total = torch.cuda.mem_get_info()
    return f"cuda: {torch.cuda.get_device_name()}, {free / GIB:.1f} of {total / GIB:.1f} GiB of memory are free"


def load_model(model: str, wanted: str | None, dtype: str | None) -> str:
    """Open a real model, load it onto its device, let it answer, and say as JSON on which and in which dtype."""
    from grader.diffusion.loading import load_model as loaded
    from grader.diffusion.request import ModelRequest, resolve_model

    choice = resolve_model(ModelRequest(model, wanted, dtype))
    found = loaded(choice)
    found.to_device()
    ask(found.components, choice)
    return json.dumps(choice.arguments())


def ask(loaded: Any, choice: Choice) -> None:
    """Ask the U-Net for the noise in latents, with a prompt; raise `ArithmeticError` if that is not a number."""
    import torch

    dtype = getattr(torch, choice.dtype)
    tokens = loaded.tokenizer("a red circle", padding="max_length", truncation=True, return_tensors="pt").input_ids
    latents = torch.ones(1, loaded.unet.config.in_channels, _LATENT_SIDE, _LATENT_SIDE, device=choice.device)
    with torch.no_grad():
        text = loaded.text_encoder(tokens.to(choice.device))[0]
        noise_pred = loaded.unet(latents.to(dtype), 1, encoder_hidden_states=text.to(dtype)).sample
    if not torch.isfinite(noise_pred).all():
        raise ArithmeticError("its U-Net answers with NaN or infinity")


ACTIONS: dict[str, Callable[..., str]] = {
    action.__name__: action
    for action in (import_module, torch_build, tiny_model, worker, kernel, find_model, device, load_model)
}


def main() -> None:
    """Take the steps that the command line names, and say how each went."""
    from grader.errors import UsageError
    from grader.sandbox.inside.confinement import die_with_parent

    die_with_parent()
    channel = os.dup(1)
    os.dup2(2, 1)  # whatever libraries print

    for step in json.loads(sys.argv[1]):
        worked = advised = False
        try:
            said = ACTIONS[step["action"]](**step["arguments"])
            worked = True
        except UsageError as error:  # a sentence with the remedy in it
            said, advised = str(error).removesuffix("."), True
        except (Exception, SystemExit) as error:
            said = _in_short(error)
        answer = {"label": step["label"], "worked": worked, "said": said, "advised": advised}
        os.write(channel, json.dumps(answer).encode() + b"\n")
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(0)  # libraries are slow to shut down


def _in_short(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "..."


if __name__ == "__main__":
    main()
