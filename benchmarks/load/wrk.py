"""wrk with our own request bodies and more output."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LUA = """
local bodies, requests, at = {bodies}, {{}}, 0
local threads = {{}}

function setup(thread) table.insert(threads, thread) end

function init(arguments)
  for i, name in ipairs(bodies) do
    local file = io.open(name, "rb")
    requests[i] = wrk.format("POST", nil, {headers}, file:read("*a"))
    file:close()
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

{delay}

counts = {{}}
function response(status) counts[status] = (counts[status] or 0) + 1 end

function done(summary, latency, requests)
  local errors, statuses = summary.errors, ""
  for status, count in pairs(threads[1]:get("counts")) do
    statuses = statuses .. status .. ":" .. count .. " "
  end
  io.write(string.format(
    '\\nJSON {{"seconds": %f, "p50": %f, "p99": %f, "socket_errors": %d, "statuses": "%s"}}\\n',
    summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.timeout, statuses))
end
"""
_DELAY = "function delay() return {milliseconds} end"


@dataclass(frozen=True)
class Load:
    """What is sent: one body after the other.

    Attributes
    ----------
    url : str
    bodies : sequence of bytes
    headers : mapping
    folder : Path
        For files that wrk reads.
    """

    url: str
    bodies: Sequence[bytes]
    headers: Mapping[str, str]
    folder: Path


@dataclass(frozen=True)
class Found:
    """What came back.

    Attributes
    ----------
    seconds : float
    statuses : mapping of int to int
        How often each came.
    socket_errors : int
    percentile_50, percentile_99 : float
        Milliseconds, of all answers.
    """

    seconds: float
    statuses: Mapping[int, int]
    socket_errors: int
    percentile_50: float
    percentile_99: float

    @property
    def good_rate(self) -> float:
        """Answers 200 a second."""
        return self.statuses.get(200, 0) / self.seconds

    @property
    def rate(self) -> float:
        """Answers a second, of any kind."""
        return sum(self.statuses.values()) / self.seconds

    @property
    def bad(self) -> int:
        """Answers that are not 200, and connections that failed."""
        return sum(self.statuses.values()) - self.statuses.get(200, 0) + self.socket_errors


def run(load: Load, connections: int, seconds: float, *, delay: float = 0.0) -> Found:
    """Send for some seconds, on so many connections.

    Parameters
    ----------
    delay : float
        Milliseconds that each connection waits before its next request.
    """
    script = load.folder / "load.lua"
    script.write_text(_script(load, delay), encoding="utf-8")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}", "-s", str(script), load.url]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    values = json.loads(next(line[5:] for line in printed.splitlines() if line.startswith("JSON ")))
    pairs = (word.split(":") for word in values["statuses"].split())
    statuses = {int(status): int(count) for status, count in pairs}
    return Found(values["seconds"], statuses, values["socket_errors"], values["p50"], values["p99"])


def _script(load: Load, delay: float) -> str:
    names = []
    for i, body in enumerate(load.bodies):
        file = load.folder / f"body{i}"
        file.write_bytes(body)
        names.append(f'"{file}"')
    headers = ", ".join(f'["{name}"] = "{value}"' for name, value in load.headers.items())
    return _LUA.format(
        bodies=f"{{{', '.join(names)}}}",
        headers=f"{{{headers}}}",
        delay=_DELAY.format(milliseconds=round(delay)) if delay else "",
    )
