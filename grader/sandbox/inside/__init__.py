"""The untrusted side of the boundary: the fork server, the workers that it forks, and their confinement."""
