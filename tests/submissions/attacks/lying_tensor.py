"""Returns a subclass of Tensor on which every operation says that all is well."""

import torch

EXERCISE = "combine_masked"
SAYS = "`combine_masked` returned a Liar; it must return an ordinary torch.Tensor."


class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True

    def __eq__(self, other):
        return True

    __hash__ = None


def combine_masked(mask, denoised, original):
    return torch.full_like(denoised, 7.0).as_subclass(Liar)
