"""The drawn world that the tiny Stable Diffusion was trained on, and the eyes that read its pictures."""
