#!/usr/bin/env bash
# Installs what grading needs. Gradescope runs this once, as root and with network, when it builds the image.
set -euo pipefail

root="${GRADESCOPE_ROOT:-/autograder}"
here="$root/source"
environment="$root/environment"

PATH="$PATH:/usr/sbin:/sbin" # of useradd and runuser
user="$(sed -n 's/^ *"user": "\([a-z0-9_-]*\)".*/\1/p' "$here/autograder.json")"

if [ "$(id -u)" = 0 ] && ! id "$user" >/dev/null 2>&1; then
  useradd --system --no-create-home --shell /usr/sbin/nologin "$user"
fi

key="$(cat "$here/requirements.txt" "$here/constraints.txt" "$here"/*.whl 2>/dev/null | sha256sum | cut -c1-64)"
if [ -f "$environment/.installed" ] && [ "$(cat "$environment/.installed")" = "$key" ]; then
  echo "Everything is installed already."
  exit 0
fi

as_user() { # what only root can run, as one in /root, is of no use to the student's process
  if [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}

python=""
for name in python3.13 python3.12 python3.11; do
  if found="$(command -v "$name")" && as_user "$found" -c "import ensurepip" 2>/dev/null; then
    python="$found"
    break
  fi
done
if [ -z "$python" ]; then # Gradescope's images have Python 3.10
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends python3.11 python3.11-venv libseccomp2
  python="/usr/bin/python3.11"
fi

rm -rf "$environment"
"$python" -m venv "$environment"
"$environment/bin/python" -I "$here/install.py"
chmod -R go+rX,go-w "$environment" # the student's process runs this Python
echo "$key" >"$environment/.installed"
