"""How much time a worker gets, what becomes of requests that take longer, what is logged; without clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tenfold.serve import Limits
from tenfold.serve.faults import Fault
from tenfold.serve.metrics import Metrics
from tenfold.serve.pool import Pool
from tenfold.serve.wire import Parcel

LIMITS = Limits(work_seconds=6.0, batch_requests=16)


class Slow:
    """A worker that takes as many seconds for a request as its head says, and no time at all."""

    groups: ClassVar[list[list[int]]]  # what was asked of all of them
    about: ClassVar[dict[str, Any]] = {}

    @classmethod
    async def start(cls, run: Path | None) -> Slow:
        return cls()

    async def ask(self, parcels: Sequence[Parcel], seconds: float) -> list[Parcel]:
        self.groups.append([head["takes"] for head, _ in parcels])
        await asyncio.sleep(0)
        if sum(self.groups[-1]) > seconds:
            raise TimeoutError
        return [({"status": 200}, b"") for _ in parcels]

    async def ended(self) -> None:
        await asyncio.Event().wait()

    async def kill(self) -> None:
        pass


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """What workers are given."""
    monkeypatch.setattr(Slow, "groups", [], raising=False)
    monkeypatch.setattr("tenfold.serve.pool.WorkerProcess", Slow)
    return Slow.groups


def statuses(takes: Sequence[int]) -> list[int]:
    """Return what requests are answered that wait together."""

    async def asked() -> list[Any]:
        async with Pool(None, 1, LIMITS, Metrics()) as pool:
            return await asyncio.gather(
                *(pool.ask({"takes": one}, b"") for one in takes), return_exceptions=True
            )

    answers = asyncio.run(asked())
    return [one.status if isinstance(one, Fault) else one[0]["status"] for one in answers]


def test_slow_requests_that_wait_together_have_time_for_each(groups: list[list[int]]) -> None:
    assert statuses([5] * 12) == [200] * 12
    assert groups == [[5] * 12]


@pytest.mark.fault("server", "a picture takes too long", "503 for it alone")
def test_one_that_takes_too_long_by_itself_is_not_tried_again(groups: list[list[int]]) -> None:
    assert statuses([7]) == [503]
    assert groups == [[7]]


@pytest.mark.fault("server", "a picture takes too long", "503 for it alone")
def test_one_that_takes_too_long_among_others_is_told_from_them(groups: list[list[int]]) -> None:
    assert statuses([1, 100, 1]) == [200, 503, 200]
    assert groups == [[1, 100, 1], [1], [100], [1]]


def causes(caplog: pytest.LogCaptureFixture) -> list[type[BaseException] | None]:
    """Return the exceptions that were logged with their tracebacks."""
    return [record.exc_info[0] for record in caplog.records if record.exc_info]


def test_that_a_worker_takes_too_long_is_logged_without_a_traceback(
    groups: list[list[int]], caplog: pytest.LogCaptureFixture
) -> None:
    assert statuses([1, 100, 1]) == [200, 503, 200]
    assert caplog.messages == ["a worker has ended; another one takes its place"] * 2
    assert causes(caplog) == []


@pytest.mark.fault("server", "a worker ends", "another takes its place, logged")
@pytest.mark.parametrize("crash", [KeyError, ValueError])
def test_a_crash_of_our_own_is_logged_with_its_traceback(
    groups: list[list[int]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    crash: type[Exception],
) -> None:
    sound = Slow.ask

    async def ask(self: Slow, parcels: Sequence[Parcel], seconds: float) -> list[Parcel]:
        answers = await sound(self, parcels, seconds)
        if 2 not in groups[-1]:
            return answers
        if crash is KeyError:
            raise KeyError("size")
        return answers[:-1]  # the pool raises a ValueError

    monkeypatch.setattr(Slow, "ask", ask)
    assert statuses([2, 1]) == ([503, 200] if crash is KeyError else [200, 200])
    assert causes(caplog)[:1] == [crash]


@pytest.mark.fault("server", "a worker ends", "another takes its place, logged")
def test_a_crash_on_starting_a_worker_is_logged_and_another_one_is_started(
    groups: list[list[int]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    starts = iter([None, KeyError("about"), None, None])

    async def start(run: Path | None) -> Slow:
        if error := next(starts):
            raise error
        return Slow()

    monkeypatch.setattr(Slow, "start", start)
    assert statuses([1, 100, 1]) == [200, 503, 200]
    assert "a worker could not be started: 'about'" in caplog.messages
    assert causes(caplog) == [KeyError]
