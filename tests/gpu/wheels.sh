#!/usr/bin/env bash
# Downloads into .whl/ what a machine with Python 3.12 and PyTorch may lack to run tests/gpu/prove.sh without a network.
set -eu
cd "$(dirname "$0")/../.."
pinned() { sed -n "s/^$1==\([^ ;]*\).*/$1==\1/p" constraints.txt; }
wanted=()
for name in alembic diffusers hypothesis jinja2 jupyter-client jupyter-core markdown-it-py mdurl msgspec nbclient nbformat \
  fastjsonschema jsonschema jsonschema-specifications referencing rpds-py pyseccomp rich shellingham annotated-doc sortedcontainers \
  sqlalchemy mako traitlets typer pygments importlib-metadata zipp pytest pluggy iniconfig accelerate peft; do
  found=$(pinned "$name"); wanted+=("${found:-$name}")
done
mkdir -p .whl
python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.12 --implementation cp \
  --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_17_x86_64 \
  --platform manylinux2014_x86_64 -d .whl "${wanted[@]}"
du -sh .whl
