"""The judge's side of the boundary: the fork server and workers as seen from outside, sessions and remote calls."""
