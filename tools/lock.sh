#!/usr/bin/env bash
# Writes the three lock files from pyproject.toml; needs uv (only maintainers do).
# One set of versions for every Python and platform, each file with the hashes of all its wheels.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() {  # lock FILE TITLE [OPTION...]
    local file=$1 title=$2
    shift 2
    uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --fork-strategy fewest \
        --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --group build "$@" -o "$file"
    { printf '# %s\n# Written by tools/lock.sh from pyproject.toml; do not edit.\n' "$title"; cat "$file"; } >"$file.new"
    mv "$file.new" "$file"
}

lock requirements.lock "What tenfold needs to run."
lock requirements-dev.lock "What tenfold needs to be developed: requirements.lock and the dev extra." \
    --extra dev --constraint requirements.lock
lock requirements-tutorials.lock "What the tutorials need to be executed: requirements.lock and the tutorials extra." \
    --extra tutorials --constraint requirements.lock
