"""What runs beside a submission of a diffusion course: recipes of objects, readers of their state, exact denoisers."""
