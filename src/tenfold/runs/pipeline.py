"""A job in its folder: trained, evaluated on the test images, reported, recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tenfold.runs import folder, judging, live
from tenfold.runs.data_sense import remarks
from tenfold.runs.record import Figures, Record, record_of
from tenfold.runs.training import Notice, log, train

if TYPE_CHECKING:
    from tenfold.checkpoint import RunLock
    from tenfold.evaluate import Evaluation
    from tenfold.runs.job import Job, Trained
    from tenfold.runs.judging import Judged
    from tenfold.train import Callback
    from tenfold.train.live import EventLog


@dataclass(frozen=True)
class Finished:
    """A job that was carried out.

    Attributes
    ----------
    trained : Trained
    record : Record
        What ``run.json`` holds.
    judged : Judged or None
        ``None`` where the run learnt from every image, so that none is left to be measured on.
    """

    trained: Trained
    record: Record
    judged: Judged | None

    @property
    def evaluation(self) -> Evaluation:
        """What came of it on the test images.

        Raises
        ------
        ConfigError
            If none were left.
        """
        if self.judged is None:
            raise judging.unmeasured(self.record)
        return self.judged.evaluation


def carry_out(
    job: Job,
    lock: RunLock,
    *,
    resume: bool = False,
    report: bool = False,
    callbacks: Sequence[Callback] = (),
    notice: Notice = log,
) -> Finished:
    """Train, evaluate and record a job in its folder, which `tenfold.runs.folder.claimed` holds.

    Parameters
    ----------
    job : Job
    lock : RunLock
        The folder's.
    resume : bool
        Whether to resume from the folder's last checkpoint.
    report : bool
        Whether to write the report too.
    callbacks : sequence of Callback
        Who shows the run, and others who follow it.
    notice : callable
        Told what must be known; by default it is logged.

    Raises
    ------
    TenfoldError, Interrupted
        As `tenfold.fit` does.
    """
    with live.recording(job) as events:
        return _carried_out(job, lock, resume, report, callbacks, notice, events)


def _carried_out(
    job: Job,
    lock: RunLock,
    resume: bool,
    report: bool,
    callbacks: Sequence[Callback],
    notice: Notice,
    events: EventLog | None,
) -> Finished:
    if not resume:
        for line in remarks(job.corpus):
            notice(line)
    trained = train(job, lock, resume=resume, callbacks=callbacks, notice=notice, events=events)
    record, judged = record_of(job, trained), None
    if job.corpus.split != "none":
        judged = judging.judge(trained.model, record, job.corpus)
        record = replace(record, test=Figures.of(judged.evaluation))
    if report and judged is not None:
        lock.check()
        path = judging.report(trained.model, record, judged, job.out)
        record = replace(record, report=str(path))
    lock.check()
    folder.finish(job.out, record)
    return Finished(trained, record, judged)
