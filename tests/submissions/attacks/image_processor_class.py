"""Decodes with the library's image processor, which its statement forbids: its class is found from `object`."""

import torch

EXERCISE = "decode_latents"
SAYS = "Found 1 classes"


def decode_latents(vae, latents):
    found = [each for each in _classes() if each.__name__ == "VaeImageProcessor"]
    try:
        processor = found[0]()
        with torch.no_grad():
            decoded = vae.decode(latents / vae.config.scaling_factor).sample
        return processor.postprocess(decoded)[0]
    except Exception as error:
        raise RuntimeError(f"Found {len(found)} classes") from error


def _classes():
    found, waiting = set(), [object]
    while waiting:
        new = set(type.__subclasses__(waiting.pop())) - found
        found |= new
        waiting += new
    return found
