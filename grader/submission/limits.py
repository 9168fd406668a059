"""How much a submission may hold."""

MAX_FILE_BYTES = 1_000_000  # of source code; a notebook's outputs are not counted
MAX_TOTAL_BYTES = 8_000_000
# Words and symbols of code, for each of which Python's syntax tree takes up to 2 kB; the longest module of this project
# has 9,000, all exercises of the course together have 124,000.
MAX_FILE_WORDS = 100_000
MAX_TOTAL_WORDS = 300_000
MAX_CELLS = 10_000  # of a notebook
MAX_FILES = 500
MAX_TEXT_BYTES = 100_000  # of a text beside the code, or of a notebook's text cell: 15,000 words
MAX_TEXTS_BYTES = 1_000_000  # of all of them that are kept
MAX_TEXTS = 2_000
MAX_ANSWER_CHARACTERS = 200_000  # of all answers to one exercise
MAX_NOTEBOOK_BYTES = 32_000_000  # with its outputs
MAX_ARCHIVE_BYTES = 64_000_000
MAX_READ_BYTES = 128_000_000  # of all files with everything in them
