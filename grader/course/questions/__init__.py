"""Questions of a lesson, which are answered before the code runs: what they ask, what is right, and the verdict."""
