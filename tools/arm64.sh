#!/usr/bin/env bash
# Test the engine on emulated 64-bit ARM, then train nn2l on the sample, there and on this machine.
#
#   tools/arm64.sh FOLDER [PYTEST ARGUMENT...]      (as root; by default the tests in tests/backend)
#
# Needs Debian 12 or newer: apt-get install debootstrap qemu-user-static binfmt-support. Makes a Debian for
# ARM in FOLDER (1.5 GB), with the packages of requirements-dev.lock, from the sources of this machine's apt
# and pip. Finished steps are skipped. Emulation takes about 20 times as long.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1
shift
[ $# -ge 1 ] || set -- tests/backend
root=$folder/root
python=.venv/bin/python

fail() { echo "arm64: $*" >&2; exit 1; }
inside() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/bin:/bin LANG=C.UTF-8 "$@"; }

[ "$(id -u)" = 0 ] || fail "expected root, for chroot; say sudo $0 $folder"
command -v debootstrap >/dev/null || fail "expected debootstrap; apt-get install debootstrap"
[ -e /proc/sys/fs/binfmt_misc/register ] || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
[ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] || update-binfmts --enable qemu-aarch64 \
    || fail "the kernel does not hand ARM programs to qemu; apt-get install qemu-user-static binfmt-support"

if [ ! -e "$folder/debian-complete" ]; then
    read -r mirror suite < <(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN)' \
        | awk '$3 == "Debian" && $2 !~ /-/ { print $1, $2; exit }') || fail "expected a Debian mirror in apt's sources"
    rm -rf "$root"
    debootstrap --arch=arm64 --variant=minbase --include=python3,python3-venv "$suite" "$root" "$mirror"
    touch "$folder/debian-complete"
fi

# This machine's pip downloads the packages; the emulated system needs no network.
if [ ! -e "$folder/wheels/complete" ]; then
    version=$(inside python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    platforms=(--platform manylinux2014_aarch64)
    for glibc in $(seq 17 36); do platforms+=(--platform "manylinux_2_${glibc}_aarch64"); done
    python3 -m pip download --quiet --require-hashes -r requirements-dev.lock --dest "$folder/wheels" \
        --only-binary :all: --python-version "$version" "${platforms[@]}"
    touch "$folder/wheels/complete"
fi

if [ ! -e "$root/venv/complete" ]; then
    mkdir -p "$root/wheels"
    cp requirements-dev.lock "$folder"/wheels/*.whl "$root/wheels/"
    inside python3 -m venv /venv
    inside /venv/bin/pip install --quiet --no-index --find-links /wheels \
        --require-hashes -r /wheels/requirements-dev.lock
    rm -r "$root/wheels"
    touch "$root/venv/complete"
fi

rm -rf "$root/tenfold"
mkdir "$root/tenfold"
git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from - | tar --extract --directory "$root/tenfold"

mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
arm() { inside PYTHONPATH=/tenfold/src /bin/sh -c 'cd /tenfold && exec /venv/bin/python "$@"' - "$@"; }

arm -m pytest --quiet -m "not alone" -n 0 "$@"

training=(-m tenfold train nn2l --data mnist-5k --epochs 3 --no-report --quiet --out)
rm -rf "$folder/here" "$root/tenfold/there"
arm "${training[@]}" there
"$python" "${training[@]}" "$folder/here"
"$python" - "$folder/here/history.csv" "$root/tenfold/there/history.csv" <<'PYTHON'
import csv, sys

here, arm = (list(csv.DictReader(open(path))) for path in sys.argv[1:])
print("nn2l on mnist-5k, validation     this machine   emulated ARM")
for one, other in zip(here, arm, strict=True):
    for figure in ("validation_loss", "validation_accuracy"):
        a, b = float(one[figure]), float(other[figure])
        print(f"epoch {one['epoch']}, {figure[11:]:8}  {a:24.6f} {b:14.6f}")
        if abs(a - b) > 0.01:
            sys.exit("arm64: the figures differ by more than rounding explains")
PYTHON
