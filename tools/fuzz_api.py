"""Test the API with schemathesis, on a server that is started for it.

All its checks must pass, except those that are excluded here; each exclusion has its reason.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

LEFT_OUT = {
    "positive_data_acceptance": "a form cannot say that data must have as many numbers as its shape",
}
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


def main() -> int:
    """Return the exit code of schemathesis."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--run", help="a finished run instead of the built-in network")
    options = parser.parse_args()
    command = [sys.executable, "-m", "tenfold", "serve", "--port", "0"]
    command += [] if options.run is None else ["--run", options.run]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        line = server.stderr.readline()
        found = re.search(r"http://\S+", line)
        if found is None:
            sys.exit(line)
        try:
            return fuzz(found[0], options.seconds)
        finally:
            server.terminate()
            sys.stderr.write(server.stderr.read())


def fuzz(address: str, seconds: int) -> int:
    """Test for a number of seconds."""
    checks = ["--checks", "all", "--exclude-checks", ",".join(LEFT_OUT)]
    command = [str(SCHEMATHESIS), "run", f"{address}/openapi.json", f"--max-time={seconds}", *checks]
    return subprocess.run([*command, "--continue-on-failure"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
