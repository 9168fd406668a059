"""Makes and measures the tiny Stable Diffusion, and builds a full-size one with random weights."""
