"""Groups failing submissions by what they answer, and shows of each group what a new known mistake needs."""
