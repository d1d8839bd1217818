"""``tenfold evaluate RUN``: a finished run judged again."""

from __future__ import annotations

from tenfold.cli import output
from tenfold.cli.options import Data, Json, Run


def evaluate(run: Run, source: Data = None, as_json: Json = False) -> None:
    """Judge a run's model on the test images of its data."""
    from tenfold.cli import judging
    from tenfold.cli.record import read_record
    from tenfold.evaluate import summary_lines
    from tenfold.predict import find_run
    from tenfold.zoo import load_model

    record, model = read_record(run), load_model(find_run(run))
    corpus = judging.same_data(record, source, quiet=as_json)
    evaluation, _ = judging.judge(model, record, corpus.test)
    if as_json:
        output.emit(evaluation.to_dict() | {"path": str(run)})
        return
    for line in summary_lines(evaluation):
        output.say(line)
