"""The deployment for Ray Serve answers as `tenfold.read` does, on a real cluster of one machine."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.ports import free_port

import tenfold

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "ray_serve.py"
NEEDED = ("ray", "starlette", "grpc_reflection")  # what `import ray.serve` needs besides
NEEDS_RAY_SERVE = pytest.mark.skipif(
    any(importlib.util.find_spec(package) is None for package in NEEDED),
    reason="Ray Serve is not installed: pip install 'tenfold[ray-serve]'",
)
PROGRAM = """
import http.client, json, os, sys, time
import ray
from ray import serve

sys.path.insert(0, sys.argv[1])
folder, picture, port = sys.argv[2], open(sys.argv[3], "rb").read(), int(sys.argv[4])
ray.init(num_cpus=3, include_dashboard=False, object_store_memory=10**8, _temp_dir=folder,
         log_to_driver=False)
try:
    serve.start(http_options={"host": "127.0.0.1", "port": port})
    from ray_serve import app
    serve.run(app)
    def ask(body):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("POST", "/", body)
        answer = connection.getresponse()
        return [answer.status, json.loads(answer.read())]
    answers = [ask(picture) for _ in range(8)] + [ask(b"no picture")]
    print("ANSWERS", json.dumps(answers))
finally:
    serve.shutdown()
    ray.shutdown()
"""


@NEEDS_RAY_SERVE
@pytest.mark.timeout(600)
def test_it_answers_as_read_does(tmp_path: Path) -> None:
    pixels = np.full((80, 80), 255, np.uint8)
    pixels[15:65, 37:43] = 0  # a one
    with io.BytesIO() as file:
        Image.fromarray(pixels).save(file, "PNG")
        (tmp_path / "one.png").write_bytes(file.getvalue())
    environment = os.environ | {
        "RAY_raylet_start_wait_time_s": "200",
        "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "120",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    with tempfile.TemporaryDirectory(prefix="r", dir="/tmp", ignore_cleanup_errors=True) as folder:
        command = [
            *(sys.executable, "-c", PROGRAM, str(EXAMPLE.parent), folder),  # Ray's sockets need a short path
            *(str(tmp_path / "one.png"), str(free_port())),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=500
        )
    assert done.returncode == 0, done.stderr[-4000:]
    [line] = re.findall("^ANSWERS (.*)$", done.stdout, re.MULTILINE)
    *answers, refused = json.loads(line)
    expected = tenfold.read(tmp_path / "one.png")
    assert answers == 8 * [[200, {"text": expected.text, "reason": expected.reason}]]
    assert refused[0] == 422
    assert refused[1]["error"].startswith("picture: expected a picture")
