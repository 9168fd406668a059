"""The environment of the processes that run a submission: nothing of the judge's own."""

from __future__ import annotations

# A compiler cannot run in a worker: `torch.compile` returns what it was given.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "TORCH_COMPILE_DISABLE": "1"}
# So that asking for a GPU does not make a context, which no fork survives; kernels are compiled into no cache.
_GPU_ENVIRONMENT = {"PYTORCH_NVML_BASED_CUDA_CHECK": "1", "CUDA_CACHE_DISABLE": "1"}


def scrubbed(*, gpu: bool = False, **more: str) -> dict[str, str]:
    """Return all that such a process sees of an environment, with what else it is given by name."""
    return {**_ENVIRONMENT, **(_GPU_ENVIRONMENT if gpu else {}), **more}
