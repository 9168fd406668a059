#!/usr/bin/env bash
# Proves the second tier on a machine with a GPU: Stable Diffusion 1.5 in its full size, with seeded weights.
#
#     bash tests/gpu/wheels.sh                       # where there is a network: what the other machine may lack
#     OUT=out bash tests/gpu/prove.sh                # there: Python 3.12, PyTorch with CUDA, no network, one GPU
#     DEVICE=cpu DTYPES=float32 PIXELS=64 STEPS=2 OUT=out bash tests/gpu/prove.sh          # a dry run without a GPU
#
# Every part leaves a mark in $OUT, and what is done is not done again: after an interruption, run the same command. Only
# PARTS="..." runs some of them. Nothing of the card's settings is read or changed but name, memory and driver.
set -u
cd "$(dirname "$0")/../.." || exit 3
export OUT=${OUT:-out} DEVICE=${DEVICE:-cuda} DTYPES=${DTYPES:-"float16 bfloat16 float32"} GRADED=${GRADED:-}
export PIXELS=${PIXELS:-256} STEPS=${STEPS:-6} MODEL=${MODEL:-/tmp/grade-sd15} SECONDS_IN_ALL=${SECONDS_IN_ALL:-470}
export PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1 TQDM_DISABLE=1 OMP_NUM_THREADS=1
PARTS=${PARTS:-"surroundings model confinement calibration criteria training loading class"}
mkdir -p "$OUT" && OUT=$(cd "$OUT" && pwd)

if [ ! -f "$OUT/python" ]; then
  # Unless the grader is installed here: an environment of its own over the machine's, where fork servers find this tree.
  if ! python3 -I -c 'import diffusers, grader, hypothesis, msgspec, peft, sqlalchemy, typer' 2> /dev/null; then
    python3 -m venv --system-site-packages --without-pip "$OUT/venv" || exit 3
    python3 -m pip --python "$OUT/venv/bin/python" install -q --no-index --no-deps --no-compile .whl/*.whl || exit 3
    pwd > "$("$OUT/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/this_tree.pth"
    echo "$OUT/venv/bin/python" > "$OUT/python"
  else
    command -v python3 > "$OUT/python"
  fi
fi
PYTHON=$(cat "$OUT/python")

for part in $PARTS; do
  if [ -f "$OUT/$part.done" ]; then continue; fi
  left=$((SECONDS_IN_ALL - SECONDS))
  if [ "$left" -lt 20 ]; then echo "No time is left for $part: run the same command again."; continue; fi
  printf '\n== %s (%s s)\n' "$part" "$SECONDS"
  if timeout --kill-after=5 "$left" "$PYTHON" tests/gpu/prove.py "$part" 2> "$OUT/$part.err"; then
    touch "$OUT/$part.done"
  else
    echo "$part ended with $?; the last lines of $OUT/$part.err:"
    tail -n 5 "$OUT/$part.err"
  fi
done
printf '\n== table (%s s)\n' "$SECONDS"
"$PYTHON" tests/gpu/prove.py table
