"""Every limit of the boundary, with its unit and the reason for its size."""

from __future__ import annotations

_MIB = 2**20
_GIB = 2**30

# --- one message on the wire -----------------------------------------------------------------------------------

MAX_STRUCTURE_BYTES = 4 * _MIB  # text and numbers outside tensors: far more than an honest result has
MAX_BUFFER_BYTES = 64 * _MIB  # tensors: all weights of the tiny model, several times over
CHUNK_BYTES = _MIB  # read from a channel at once: more than a socket holds
MAX_VALUES = 200_000  # in one result; every one of them is a Python object in the judge
MAX_DEPTH = 32  # levels of lists in lists: decoding recurses
MAX_DIMENSIONS = 16  # of a tensor or an array: NumPy has 32 or 64, PyTorch 64
MAX_TENSOR_NUMBERS = 2**40  # that sizes beside a zero may multiply to: strides must fit into 64 bits
MAX_DESCRIPTION = 500  # characters that describe a value which cannot travel

MAX_PRINTED = 20_000  # characters of a call's output
MAX_MESSAGE = 2_000  # characters of an exception's text, and of a line of code
MAX_NAME = 200  # characters of the name of an exception, a file or a function
MAX_TRACEBACK_LINES = 6  # of the student's own code: more than anybody reads
MAX_IMPORTING = 20  # files of the student's own that import one another
MAX_FAULT = 20_000  # characters of the traceback of the grader's own fault

# --- one worker ------------------------------------------------------------------------------------------------

WORKER_MEMORY_BYTES = 2 * _GIB  # address space that a worker may add to what the fork server has
REAL_MODEL_MEMORY_BYTES = 12 * _GIB  # the same for a real model: a network that is read again, and large pictures
NOTEBOOK_MEMORY_BYTES = 4 * _GIB  # the same for a notebook's kernel, which imports PyTorch itself
MAX_THREADS = 128  # PyTorch and NumPy start one a core
MAX_OPEN_FILES = 64  # times `MAX_FILE_BYTES`: what may hide on the disk in files without a name
MAX_GPU_FILES = 256  # that a GPU's driver keeps open for itself, on top
MAX_FILE_BYTES = 16 * _MIB  # one file that a submission writes, or that is read back
MAX_FOLDER_BYTES = 64 * _MIB  # all files in a worker's private folder together
MAX_FOLDER_FILES = 1_000  # in a worker's private folder: honest work writes a handful
MAX_LOGGED_SAMPLES = 128  # of a U-Net, kept for its reader: what the checks of whole runs compare has fewer calls
MAX_LOGGED_CALLS = 5_000  # of a model, kept for its reader: the longest sampling loop has 1000 steps

# --- time of one exercise --------------------------------------------------------------------------------------

LOAD_CPU_SECONDS = 10.0  # to import a submission's file: its own imports may be heavy
LOAD_TRIALS = 12  # imports of a submission, with ever less of the code that is not needed and fails
# An exercise may take as many seconds as this many calls at their deadline, by the clock and of CPU time, and a hand-in
# the sum over its exercises: each begins with its own, has no worker beside it, and leaves nothing over to the next.
EXERCISE_CALLS = 40
MAX_TIMEOUTS = 2  # calls that run out of time before the exercise's remaining calls are not tried
WALL_SECONDS_EXTRA = 5.0  # wall time of a call is this, and
WALL_SECONDS_PER_CPU_SECOND = 4.0  # this for every CPU second: a busy machine must fail nobody
GRACE_SECONDS = 0.5  # that the judge waits longer than the worker, which stops itself first and knows the line
REAL_CALL_SECONDS = 300.0  # CPU time that a real model's call has at least, if there is no GPU to compute on
GPU_CALL_SECONDS = 30.0  # the same with one: waiting for it is CPU time, and the first call loads its kernels
ENDING_SECONDS = 1.0  # between a closed channel and the end of its process

TICK_SECONDS = 0.02  # between two looks at a worker that computes: short enough to stop a disk from filling up
BRIEF_SECONDS = 0.002  # a call too short to do any harm: the worker is not looked at afterwards
REAP_TICK_SECONDS = 0.001  # between two questions whether a worker has ended

# --- time of the fork server -----------------------------------------------------------------------------------

START_SECONDS = 120  # to import PyTorch and diffusers on a slow machine
REAL_START_SECONDS = 1200  # to load gigabytes of weights, perhaps from a slow disk

# --- reading one hand-in ---------------------------------------------------------------------------------------

READING_MEMORY_BYTES = 512 * _MIB  # address space on top of what Python has: an archive, a notebook, a syntax tree
READING_CPU_SECONDS = 10  # the largest hand-in that is honest takes two
READING_WALL_SECONDS = 300  # a child waits for nothing but a disk: a busy machine must fail nobody
MAX_READ_VALUES = 4_000_000  # in a model; every one of them is a Python object in the judge

# --- what a transcript keeps -----------------------------------------------------------------------------------

SAMPLED_CALLS = 6  # of a check's earlier examples: enough for a diagnosis to tell mistakes apart
SAMPLED_BYTES = _MIB  # of one such call with its answer
KEPT_EXAMPLE_BYTES = 8 * _MIB  # of a failing example's calls with their answers

# --- a whole notebook ------------------------------------------------------------------------------------------

NOTEBOOK_START_SECONDS = 120  # wall time, to start the kernel on a slow machine
CELL_SECONDS = 120  # wall time of one cell
NOTEBOOK_SECONDS = 600  # of all cells, both wall time and CPU time
MAX_OUTPUT_BYTES = 32 * _MIB  # of all cells together, and of one message from the kernel
MAX_UNREAD_BYTES = 512 * _MIB  # that the judge may grow by: ZeroMQ takes in more than the judge has asked it for
NOTEBOOK_TICK_SECONDS = 0.05  # between two looks at the notebook's folder and at the clock
MAX_CELL_ERROR_NAME = 80  # characters of the name of the exception that stopped a notebook
MAX_CELL_ERROR_MESSAGE = 300  # characters of its text
