"""How much time a worker gets, what becomes of requests that take longer, what is logged; without clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tenfold.errors import CheckpointError
from tenfold.serve import Limits
from tenfold.serve.asgi import HttpError
from tenfold.serve.messages import Message
from tenfold.serve.server_metrics import Metrics
from tenfold.serve.worker_pool import WorkerPool

LIMITS = Limits(work_seconds=6.0, batch_requests=16)
HANGS = -1  # for how long a request takes
LARGE = LIMITS.batch_pixels + 1


class Slow:
    """A worker that takes as many seconds of CPU time as a request's head says, and no time at all."""

    groups: ClassVar[list[list[int]]]  # what was asked of all of them
    model_info: ClassVar[dict[str, Any]] = {}
    overspent = bloated = False

    @classmethod
    async def start(cls, run: Path | None, limits: Limits) -> Slow:
        return cls()

    async def ask(self, messages: Sequence[Message]) -> list[Message]:
        self.groups.append([head["takes"] for head, _ in messages])
        await asyncio.sleep(0)
        if HANGS in self.groups[-1]:
            raise TimeoutError
        self.overspent = sum(self.groups[-1]) > LIMITS.work_seconds * len(messages)
        if self.overspent:
            raise EOFError
        return [({"status": 200}, b"") for _ in messages]

    async def ended(self) -> None:
        await asyncio.Event().wait()

    async def kill(self) -> None:
        pass


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """What workers are given."""
    monkeypatch.setattr(Slow, "groups", [], raising=False)
    monkeypatch.setattr("tenfold.serve.worker_pool.WorkerProcess", Slow)
    return Slow.groups


def statuses(takes: Sequence[int], large: Sequence[int] = ()) -> list[int]:
    """Return what requests are answered that wait together; the large ones are told by what they take."""

    async def asked() -> list[Any]:
        async with WorkerPool(None, 1, LIMITS, Metrics()) as pool:
            return await asyncio.gather(
                *(pool.ask({"takes": one}, b"", LARGE if one in large else 1) for one in takes),
                return_exceptions=True,
            )

    answers = asyncio.run(asked())
    return [one.status if isinstance(one, HttpError) else one[0]["status"] for one in answers]


def test_slow_requests_that_wait_together_have_time_for_each(groups: list[list[int]]) -> None:
    assert statuses([5] * 12) == [200] * 12
    assert groups == [[5] * 12]


@pytest.mark.fault("server", "a picture takes too long", "503 for this picture only")
def test_one_that_takes_too_long_by_itself_is_not_tried_again(groups: list[list[int]]) -> None:
    assert statuses([7]) == [503]
    assert groups == [[7]]


@pytest.mark.fault("server", "a picture takes too long", "503 for this picture only")
def test_one_that_takes_too_long_among_others_is_told_from_them(groups: list[list[int]]) -> None:
    assert statuses([1, 100, 1]) == [200, 503, 200]
    assert groups == [[1, 100, 1], [1], [100], [1]]


def test_one_that_hangs_is_told_from_the_others(groups: list[list[int]]) -> None:
    assert statuses([1, HANGS, 1]) == [200, 503, 200]
    assert groups == [[1, HANGS, 1], [1], [HANGS], [1]]


def test_large_ones_go_alone_and_take_turns_with_the_small(groups: list[list[int]]) -> None:
    assert statuses([2, 3, 4, 1, 1], large=[2, 3, 4]) == [200] * 5
    assert groups == [[2], [1, 1], [3], [4]]


def test_a_share_is_bounded_by_its_pixels(groups: list[list[int]]) -> None:
    async def asked() -> None:
        async with WorkerPool(None, 1, LIMITS, Metrics()) as pool:
            half = LIMITS.batch_pixels // 2
            await asyncio.gather(*(pool.ask({"takes": i}, b"", half) for i in range(5)))

    asyncio.run(asked())
    assert groups == [[0, 1], [2, 3], [4]]


def causes(caplog: pytest.LogCaptureFixture) -> list[type[BaseException] | None]:
    """Return the exceptions that were logged with their tracebacks."""
    return [record.exc_info[0] for record in caplog.records if record.exc_info]


def test_that_a_worker_takes_too_long_is_logged_without_a_traceback(
    groups: list[list[int]], caplog: pytest.LogCaptureFixture
) -> None:
    assert statuses([1, 100, 1]) == [200, 503, 200]
    assert caplog.messages == ["a worker reached its limit on CPU time; another one is started"] * 2
    assert causes(caplog) == []


@pytest.mark.fault("server", "a worker ends", "another one replaces it, with a line in the log")
@pytest.mark.parametrize("crash", [KeyError, ValueError])
def test_a_crash_of_our_own_is_logged_with_its_traceback(
    groups: list[list[int]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    crash: type[Exception],
) -> None:
    sound = Slow.ask

    async def ask(self: Slow, messages: Sequence[Message]) -> list[Message]:
        answers = await sound(self, messages)
        if 2 not in groups[-1]:
            return answers
        if crash is KeyError:
            raise KeyError("size")
        return answers[:-1]  # the pool raises a ValueError

    monkeypatch.setattr(Slow, "ask", ask)
    assert statuses([2, 1]) == ([503, 200] if crash is KeyError else [200, 200])
    assert causes(caplog)[:1] == [crash]


@pytest.mark.fault("server", "a worker ends", "another one replaces it, with a line in the log")
def test_a_crash_on_starting_a_worker_is_logged_and_another_one_is_started(
    groups: list[list[int]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    starts = iter([None, KeyError("about"), None, None])

    async def start(run: Path | None, limits: Limits) -> Slow:
        if error := next(starts):
            raise error
        return Slow()

    monkeypatch.setattr(Slow, "start", start)
    assert statuses([1, 100, 1]) == [200, 503, 200]
    assert "a worker could not be started: no 'about'" in caplog.messages
    assert causes(caplog) == [KeyError]


@pytest.mark.fault(
    "server", "a client leaves before its answer", "its work is dropped, other clients do not wait"
)
@pytest.mark.parametrize("leaves", [0, 1, 2], ids=["while it is worked on", "next in line", "last in line"])
def test_a_request_whose_client_has_left_is_dropped(
    groups: list[list[int]], monkeypatch: pytest.MonkeyPatch, leaves: int
) -> None:
    sound, begins, goes_on = Slow.ask, asyncio.Event(), asyncio.Event()

    async def ask(self: Slow, messages: Sequence[Message]) -> list[Message]:
        begins.set()
        await goes_on.wait()
        return await sound(self, messages)

    async def asked() -> list[Any]:
        async with WorkerPool(None, 1, LIMITS, Metrics()) as pool:
            asks = [asyncio.create_task(pool.ask({"takes": i}, b"", LARGE)) for i in range(3)]
            await begins.wait()
            asks[leaves].cancel()
            goes_on.set()
            return await asyncio.gather(*asks, return_exceptions=True)

    monkeypatch.setattr(Slow, "ask", ask)
    answers = asyncio.run(asked())
    assert [isinstance(one, asyncio.CancelledError) for one in answers] == [i == leaves for i in range(3)]
    assert groups == [[i] for i in range(3) if i == 0 or i != leaves]


@pytest.mark.fault(
    "server", "a client leaves before its answer", "its work is dropped, other clients do not wait"
)
def test_a_request_whose_client_has_left_is_not_tried_again(groups: list[list[int]]) -> None:
    async def asked() -> list[Any]:
        async with WorkerPool(None, 1, LIMITS, Metrics()) as pool:
            asks = [asyncio.create_task(pool.ask({"takes": one}, b"", 1)) for one in (1, 100, 1)]
            while not groups:
                await asyncio.sleep(0)
            asks[1].cancel()
            return await asyncio.gather(*asks, return_exceptions=True)

    first, left, last = asyncio.run(asked())
    assert first[0] == last[0] == {"status": 200}
    assert isinstance(left, asyncio.CancelledError)
    assert groups == [[1, 100, 1], [1], [1]]


@pytest.mark.fault(
    "server", "no worker can be started", "503 within seconds, normal again with the next worker"
)
def test_without_a_worker_requests_are_refused_until_there_is_one(
    groups: list[list[int]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    there = asyncio.Event()

    async def start(run: Path | None, limits: Limits) -> Slow:
        if groups and not there.is_set():
            raise CheckpointError("gone")
        return Slow()

    async def asked() -> list[int | None]:
        async with WorkerPool(None, 1, replace(LIMITS, ready_seconds=60.0), Metrics()) as pool:
            found = [await status(pool, 100), await status(pool, 1), await status(pool, 1)]
            assert pool.refusal().status == 503
            there.set()
            while not pool.ready:
                await asyncio.sleep(0.01)
            assert pool.refusal() is None
            return [*found, await status(pool, 1)]

    async def status(pool: WorkerPool, takes: int) -> int:
        try:
            return (await pool.ask({"takes": takes}, b"", 1))[0]["status"]
        except HttpError as fault:
            return fault.status

    monkeypatch.setattr(Slow, "start", start)
    assert asyncio.run(asked()) == [503, 503, 503, 200]
    assert caplog.messages.count("a worker could not be started: gone") == 1  # however often it was tried


def test_requests_wait_only_so_long_for_a_worker_that_starts(
    groups: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start(run: Path | None, limits: Limits) -> Slow:
        if groups:
            await asyncio.Event().wait()
        return Slow()

    async def asked() -> list[Any]:
        async with WorkerPool(None, 1, replace(LIMITS, ready_seconds=0.05), Metrics()) as pool:
            asks = [pool.ask({"takes": one}, b"", 1) for one in (1, 100)]
            return await asyncio.gather(*asks, return_exceptions=True)

    monkeypatch.setattr(Slow, "start", start)
    answers = asyncio.run(asked())
    assert [str(one) for one in answers] == ["no worker is ready; retry in a second"] * 2
