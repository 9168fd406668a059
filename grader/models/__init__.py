"""The models that exercises are graded on: a tiny Stable Diffusion that draws, and exact analytic denoisers."""
