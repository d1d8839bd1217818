#!/usr/bin/env bash
# Builds the image and asks a container for a digit: tools/check_container.sh docker (or podman).
set -euo pipefail
cd "$(dirname "$0")/.."
builder=${1:?docker or podman}

"$builder" build --tag tenfold-check .
token=$(python3 -c 'import secrets; print(secrets.token_hex(16))')
container=$("$builder" run --detach --read-only --tmpfs /tmp --cap-drop ALL --publish 127.0.0.1::8000 \
    --env TENFOLD_TOKEN="$token" tenfold-check)
trap '"$builder" rm --force "$container" >/dev/null' EXIT
address=$("$builder" port "$container" 8000 | head -n 1)
for _ in $(seq 120); do
    curl --silent --fail "http://$address/v2/health/ready" >/dev/null && break
    sleep 1
done
# A black bar on white paper, which is a 1.
answer=$(python3 -c 'import sys
paper = bytearray(b"\xff" * 80 * 80)
for row in range(15, 65):
    paper[row * 80 + 37 : row * 80 + 43] = bytes(6)
sys.stdout.buffer.write(b"P5 80 80 255\n" + paper)' |
    curl --silent --fail --header "Authorization: Bearer $token" --header "Host: localhost" \
        --header "Content-Type: application/octet-stream" --data-binary @- "http://$address/v1/digits")
echo "$answer"
[[ $answer == *'"text":"1"'* ]]
