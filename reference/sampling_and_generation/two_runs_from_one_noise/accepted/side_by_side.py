"""Both runs in one loop over all timesteps, with step noise drawn as it is needed."""

import torch


def two_runs_from_one_noise(model, shape, seed, betas, timesteps):
    """Return the results of two runs that are held side by side."""
    source = torch.Generator()
    source.manual_seed(seed)
    alphas = 1 - betas
    abar = alphas.cumprod(0)
    x_T = torch.randn(*shape, generator=source, dtype=betas.dtype)  # noqa: N806
    fresh = torch.zeros(len(betas), *shape, dtype=betas.dtype)
    a = b = x_T
    stops = [int(t) for t in timesteps]
    distances = []
    for t in range(len(betas) - 1, -1, -1):
        if t in stops:
            distances.append(float((a - b).abs().mean()))
            after = stops.index(t) + 1
            left = abar[stops[after]] if after < len(stops) else torch.ones((), dtype=betas.dtype)
            eps = model(b, t)
            b = (left / abar[t]) ** 0.5 * (b - (1 - abar[t]) ** 0.5 * eps) + (1 - left) ** 0.5 * eps
        fresh[t] = torch.randn(*shape, generator=source, dtype=betas.dtype)
        a = (a - betas[t] / (1 - abar[t]) ** 0.5 * model(a, t)) / alphas[t] ** 0.5
        if t:
            a = a + betas[t] ** 0.5 * fresh[t]
    distances.append((a - b).abs().mean())
    return {"x_T": x_T, "step_noise": fresh, "ddpm": a, "ddim": b, "distances": distances}
