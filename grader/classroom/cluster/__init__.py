"""A class graded on many machines: Dask's scheduler holds the tasks, and each of its workers has a grader."""
