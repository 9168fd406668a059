"""The Stable Diffusion that checks compare with: choosing, finding and loading it, oracles, and measured tolerances."""
