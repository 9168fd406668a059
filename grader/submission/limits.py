"""How much a submission may hold."""

MAX_FILE_BYTES = 1_000_000  # of source code; a notebook's outputs are not counted
MAX_TOTAL_BYTES = 8_000_000
MAX_FILES = 500
MAX_NOTEBOOK_BYTES = 32_000_000  # with its outputs
MAX_ARCHIVE_BYTES = 64_000_000
MAX_READ_BYTES = 128_000_000  # of all files with everything in them
