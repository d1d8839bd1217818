"""The manifest for Kubernetes fits the server: its options, its probes, its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tenfold.serve.limits import Limits

MANIFEST = Path(__file__).parents[2] / "deploy" / "kubernetes.yaml"
TOKEN = "correct horse battery staple"
END = 10  # seconds of the end without --drain
PATIENCE = 180


@pytest.fixture(scope="module")
def objects() -> dict[str, Any]:
    """The objects of the manifest, by kind."""
    found = [*yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8"))]
    return {one["kind"]: one for one in found}


@pytest.fixture(scope="module")
def pod(objects: dict[str, Any]) -> Any:
    return objects["Deployment"]["spec"]["template"]["spec"]


@pytest.fixture(scope="module")
def container(pod: Any) -> Any:
    [only] = pod["containers"]
    return only


def option(container: Any, name: str) -> str:
    given = container["args"]
    found: str = given[given.index(name) + 1]
    return found


def test_all_objects_mean_the_same_pods(objects: dict[str, Any], container: Any) -> None:
    labels = objects["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert objects["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert objects["Service"]["spec"]["selector"] == labels
    assert objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    target = objects["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", objects["Deployment"]["metadata"]["name"])
    [port] = container["ports"]
    assert str(port["containerPort"]) == option(container, "--port")
    [exposed] = objects["Service"]["spec"]["ports"]
    probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")]
    assert {exposed["targetPort"], *(probe["port"] for probe in probes)} == {port["name"]}


def test_the_pod_has_time_to_end(pod: Any, container: Any) -> None:
    limits, drain = Limits(), float(option(container, "--drain"))
    probe = container["readinessProbe"]
    assert 2 * limits.drain_seconds + limits.stop_seconds < END
    assert pod["terminationGracePeriodSeconds"] > drain + END - 1
    assert drain > probe["periodSeconds"] * probe["failureThreshold"] + probe["timeoutSeconds"]


def test_every_mount_has_a_volume_and_the_caches_are_on_one(pod: Any, container: Any) -> None:
    mounts = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
    assert mounts.keys() == {one["name"] for one in pod["volumes"]}
    variables = {one["name"]: one.get("value") for one in container["env"]}
    assert variables["TENFOLD_CACHE"] in mounts.values()
    assert variables["TENFOLD_TOKEN"] is None  # it comes from a secret


@contextmanager
def started(container: Any, run: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the command of the manifest, but only for this machine, on a free port, with a small network."""
    given = container["args"]
    local = {"--host": "127.0.0.1", "--port": "0"}
    words = [local.get(before, word) for before, word in zip(["", *given[:-1]], given, strict=True)]
    program, *command = container["command"]
    assert program == "tenfold"
    with subprocess.Popen(
        [sys.executable, "-m", "tenfold", *command, *words, "--run", str(run)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TENFOLD_TOKEN": TOKEN},
    ) as process:
        try:
            first = process.stderr.readline()
            yield process, int(first.partition("http://127.0.0.1:")[2].split("/")[0].split()[0])
        finally:
            process.kill()


@pytest.mark.fault("server", "SIGTERM behind a balancer", "not ready at once, requests answered, then exit 0")
def test_the_probes_and_the_end(container: Any, run: Path, wait_until: Any) -> None:
    import http.client

    def status(path: str, **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    paths = {
        kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")
    }
    with started(container, run) as (process, port):
        for path in paths.values():
            assert status(path, Host="10.244.0.7:8000") == 200
        assert status("/metrics") == 401
        for name in ("tenfold", "digits.example"):
            assert status("/metrics", Host=name, Authorization=f"Bearer {TOKEN}") == 200
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: status(paths["readiness"]) == 503)
        assert status(paths["liveness"]) == 200
        for _ in range(2):  # no need to wait for all of --drain
            process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
