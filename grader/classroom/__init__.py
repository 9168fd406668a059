"""Many submissions: who handed in what, the jobs that grade them, the gradebook, and what is made of it."""
