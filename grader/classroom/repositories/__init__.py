"""A class whose work is in git repositories, one a student: fetched without checking out, told what was graded."""
