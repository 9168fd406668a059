"""Values as short text that a student can read and, where it is short enough, paste."""

from __future__ import annotations

import torch

MOST_NUMBERS = 12
MOST_CHARACTERS = 200


def describe(value: object) -> str:
    """Return a short text of any value, never raising an exception.

    Small tensors are written in full, `tensor([[0.5, -1.25]])`, with the dtype where it is not float32;
    larger ones by shape, dtype and range. Text is cut at `MOST_CHARACTERS`.
    """
    if isinstance(value, torch.Tensor):
        return _describe_tensor(value)
    if type(value) in (list, tuple, dict):
        return _shortened(_describe_container(value))
    return _shortened(_described_elsewhere(value) or _describe_image(value) or _represent(value))


def describe_type(value: object) -> str:
    """Return the name of a value's type as its author knows it: `int`, `ndarray`, `Parameter`."""
    name = getattr(value, "type_name", None)
    return name if isinstance(name, str) else type(value).__name__


def describe_dtype(dtype: torch.dtype) -> str:
    """Return a dtype's name without the prefix: `float32`."""
    return str(dtype).removeprefix("torch.")


def describe_number(number: float) -> str:
    """Return a number with at most six digits that count; a whole one keeps its point."""
    return _number(float(number))


def describe_pair(first: float, second: float) -> tuple[str, str]:
    """Return two numbers with as many digits as it takes to tell them apart."""
    texts = _number(first), _number(second)
    return texts if texts[0] != texts[1] else (f"{first:.17g}", f"{second:.17g}")


def _describe_tensor(value: torch.Tensor) -> str:
    tensor = value.detach()
    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.device.type == "meta":
        # Neither sparse nor meta tensors give their numbers away as a list.
        return f"a {tensor.layout} tensor of shape {list(tensor.shape)} on {tensor.device}"
    dtype = "" if tensor.dtype == torch.float32 else f", dtype={tensor.dtype}"
    if 0 < tensor.numel() <= MOST_NUMBERS:
        return f"tensor({_describe_container(tensor.tolist())}{dtype})"
    if tensor.numel() == 0:
        return f"an empty tensor of shape {list(tensor.shape)}, {describe_dtype(tensor.dtype)}"
    kind = "" if tensor.dtype == torch.float32 else f", {describe_dtype(tensor.dtype)}"
    return f"tensor of shape {list(tensor.shape)}{kind}{_summary(tensor)}"


def _summary(tensor: torch.Tensor) -> str:
    """Return what is to be known of many numbers: their range, or what they all are."""
    if tensor.is_complex():
        return ""
    nan = int(tensor.isnan().sum())
    if nan == tensor.numel():
        return ", all NaN"
    numbers = tensor[~tensor.isnan()] if nan else tensor
    least, most = _roughly(numbers.min().item()), _roughly(numbers.max().item())
    said = f", all {_number(numbers[(0,) * numbers.ndim].item())}" if least == most else f", from {least} to {most}"
    return f"{said}, {nan} NaN" if nan else said


def _describe_container(value: object) -> str:
    if type(value) is list:
        return f"[{', '.join(map(_describe_item, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(_describe_item, value))}{',' if len(value) == 1 else ''})"
    if type(value) is dict:
        return f"{{{', '.join(f'{describe(key)}: {_describe_item(item)}' for key, item in value.items())}}}"
    return _number(value)


def _describe_item(value: object) -> str:
    return _describe_container(value) if type(value) in (list, float) else describe(value)


def _number(value: object) -> str:
    if type(value) is not float:
        return _represent(value)
    text = f"{value:.6g}"
    # A whole number keeps its point, so that a float never reads as an int.
    return f"{text}.0" if text.lstrip("-").isdigit() else text


def _described_elsewhere(value: object) -> str | None:
    """Return the worker's description of a value that could not be sent itself."""
    text = getattr(value, "text", None)
    return text if isinstance(text, str) and hasattr(value, "type_name") else None


def _describe_image(value: object) -> str | None:
    """Return the text of a PIL image, whose own repr ends in an address that differs in every run."""
    size, mode = getattr(value, "size", None), getattr(value, "mode", None)
    if not (isinstance(mode, str) and type(size) is tuple):
        return None
    return f"a PIL image of mode {mode}, {size[0]} wide and {size[1]} high"


def _roughly(value: object) -> str:
    """Return a number with three digits that count."""
    return _number(float(f"{value:.3g}")) if type(value) is float else _represent(value)


def _represent(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # a class may break its own repr, but a description must not fail
        return f"a value of type {type(value).__name__}"


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 4]} ..."
