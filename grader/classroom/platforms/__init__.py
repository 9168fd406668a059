"""What teaching platforms deliver: one module a platform, which says whose hand-in each file of a download is."""
