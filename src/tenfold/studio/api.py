"""What the pages ask: JSON in, JSON out, every error in one line."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from tenfold.checkpoint import parse_json
from tenfold.data import NAMES, PUBLISHED
from tenfold.errors import BusyError, CheckpointError, ConfigError, TenfoldError
from tenfold.files import read_bounded
from tenfold.quoting import message, quoted
from tenfold.runs.live import goes_on
from tenfold.runs.models import Models
from tenfold.serve.asgi import HttpError, Reply, Scope, content_type
from tenfold.studio import changes, run_list
from tenfold.studio.ask import Readers
from tenfold.studio.processes import Processes, check_run, unknown_run
from tenfold.studio.start import Start
from tenfold.studio.step import StepRequest, opened
from tenfold.studio.view import View, view_of
from tenfold.train.live import DETAILS, LIVE, Order, give_order
from tenfold.users import AuditLog
from tenfold.zoo import ENTRIES, NetworkModel, models

log = logging.getLogger(__name__)

Answer: TypeAlias = Callable[[Scope, Any], Any]
_MOST_JSON = 1 << 16
_MOST_DETAILS = 1 << 22
_LONGEST = 500  # characters of an error


class Api:
    """The answers to the pages.

    Parameters
    ----------
    folder : Path
        Of the runs.
    data : str or None
        The data that are offered first.
    networks : Models
        The zoo and the user's own.
    processes : Processes
    log : AuditLog, optional
        What users do.
    """

    def __init__(
        self,
        folder: Path,
        data: str | None,
        networks: Models,
        processes: Processes,
        log: AuditLog | None = None,
    ) -> None:
        self._folder, self._data, self._audit = folder, data, log
        self._models, self._processes = networks, processes
        self._readers = Readers(folder, networks)
        self._networks = {
            name
            for name, entry in [*networks.entries.items(), *ENTRIES.items()]
            if entry.recipe is not None  # what the page can train
        }

    # What can be trained

    def choices(self, scope: Scope, given: Any) -> Any:
        """Return what a learner can choose from."""
        own = [(name, entry) for name, entry in self._models.entries.items()]
        known = [(name, self._models.entry(name)) for name in models()]
        return {
            "networks": [
                {"name": name, "title": entry.title, "parameters": entry.parameters}
                for name, entry in [*own, *known]
                if entry.recipe is not None
            ],
            "data": self._offered(),
            "activations": list(changes.ACTIVATIONS),
            "optimizers": list(changes.OPTIMIZERS),
            "augmentations": list(changes.AUGMENTATIONS),
            "initialisations": list(changes.INITIALISATIONS),
            "folder": view_of(scope).place(self._folder),
        }

    def _offered(self) -> list[str]:
        named = ["mnist-5k", "mnist", *sorted({*PUBLISHED} - {"mnist"})]
        first = [] if self._data is None else [self._data]
        return list(dict.fromkeys([*first, *named]))

    def network(self, scope: Scope, given: Any) -> Any:
        """Return a network and its recipe, as the form shows them at first."""
        entry = self._models.entry(scope["path_params"]["name"])
        model = entry.build(entry)
        if not isinstance(model, NetworkModel) or model.recipe is None:
            raise ConfigError("expected a network that is trained in epochs, got another model")
        found = changes.described(model.network, model.recipe)
        return {"name": entry.name, "title": entry.title, "notes": list(entry.notes), **found}

    def ledger(self, scope: Scope, given: Any) -> Any:
        """Return the published figures of all models, and ours."""
        from tenfold.evaluate.tables.listing import listing

        found = listing(ENTRIES.values(), None)
        return {"columns": list(found.heads), "rows": [list(row) for row in found.rows]}

    def step(self, scope: Scope, given: Any) -> Any:
        """Return all numbers of one step of a small network."""
        return opened(StepRequest.of(given))

    # Trained networks

    def readers(self, scope: Scope, given: Any) -> Any:
        """Return the networks that can be asked, the newest runs first."""
        found = [run_list.described(self._folder, name) for name in self._names(view_of(scope))]
        finished = [one for one in found if one["state"] == "finished" and one.get("reads_digits")]
        newest = sorted(finished, key=lambda one: one["changed"], reverse=True)
        return {
            "built_in": self._readers.built_in(),
            "runs": [one["name"] for one in newest],
            "accuracies": {one["name"]: one["accuracy"] for one in newest},
        }

    def ask(self, scope: Scope, given: bytes) -> Any:
        """Return what some networks read in a drawing."""
        names = [value for key, value in parse_qsl(scope["query_string"].decode("latin-1")) if key == "run"]
        view, known = view_of(scope), self._readers.built_in()
        if not all(view.sees(name) for name in names if name not in known):
            raise unknown_run()
        return {"answers": self._readers.ask(names, given)}

    # Trainings

    def start(self, scope: Scope, given: Any) -> Any:
        """Start a training."""
        view, asked = view_of(scope), Start.of(given)
        if view.user is not None and asked.data not in self._offered():
            raise ConfigError(
                "data: expected one of the data that the page offers, got another; "
                "ask the person who runs this studio"
            )
        if view.user is None:
            self._check_data(asked.data)
        name = self._processes.start(asked, view.home)
        self._log(scope, "start", name)
        return {"name": name}

    def _check_data(self, source: str) -> None:
        """Refuse at once what is neither a name nor a path; the training looks at the data themselves."""
        paths = filter(None, (source, source.rpartition(":")[0]))  # or a part of one, as train.csv:class
        if source not in {*self._offered(), *NAMES} and not any(map(os.path.lexists, paths)):
            known = ", ".join(self._offered())
            raise ConfigError(
                f"data: expected a name ({known}) or a path, got {quoted(source)}, which is neither; "
                "correct it"
            )

    def resume(self, scope: Scope, given: Any) -> Any:
        """Resume a training that was stopped, or whose process was killed."""
        self._run(scope)
        self._processes.resume(name := scope["path_params"]["name"])
        self._log(scope, "resume", name)
        return {"name": name}

    def cancel(self, scope: Scope, given: Any) -> Any:
        """Have a training wait no more."""
        name = scope["path_params"]["name"]
        if not view_of(scope).sees(name) or self._processes.before(name) is None:
            self._run(scope)  # 404 if there is no such run
        self._processes.cancel(name)
        self._log(scope, "cancel", name)
        return {"name": name}

    def order(self, scope: Scope, given: Any) -> Any:
        """Give an order to a training that goes on."""
        path = self._run(scope)
        order = Order.of(given)
        if not goes_on(path):
            raise BusyError("expected a training that goes on, found one that has ended; start another")
        give_order(path / LIVE, order)
        if order.do != "look":
            self._log(scope, order.do, scope["path_params"]["name"])
        return {"do": order.do}

    def write_report(self, scope: Scope, given: Any) -> Any:
        """Start to write the report of a finished run."""
        path = self._run(scope)
        if run_list.state(path) != "finished":
            raise BusyError("expected a finished run, found another; a report needs the final weights")
        self._processes.report(name := scope["path_params"]["name"])
        self._log(scope, "report", name)
        return {"name": name}

    # Runs

    def runs(self, scope: Scope, given: Any) -> Any:
        """Return all visible runs below the folder, and those that have just been started."""
        view = view_of(scope)
        found = {name: run_list.described(self._folder, name) for name in self._names(view)}
        for name in filter(view.sees, self._processes.names()):
            failure, alive = self._processes.failure(name), self._processes.alive(name)
            here = found.setdefault(name, self._not_there_yet(name, failure))
            here["busy"] = alive and here["state"] == "finished"  # its report is being written
            if failure and here["state"] in ("starting", "interrupted", "failed"):
                here["error"] = here.get("error") or failure
            if (before := self._processes.before(name)) is not None:
                here |= {"state": "waiting", "before": before, "error": None}
        for name, here in found.items():
            if here["state"] in ("interrupted", "failed") and (reason := self._processes.reason(name)):
                here["error"] = reason
            here["again"] = here.get("model") in self._networks
            here["resumable"] = here["state"] == "interrupted" and self._was_asked(name)
            here["folder"] = view.place(self._folder, name)
        return {"folder": view.place(self._folder), "runs": list(found.values())}

    def _not_there_yet(self, name: str, failure: str | None) -> dict[str, Any]:
        asked = self._processes.asked(name)
        return {
            "name": name,
            "state": "failed" if failure else "starting",
            "model": None if asked is None else asked.network,
            "dataset": None if asked is None else asked.data,
            "changed": None,
            "live": True,
        }

    def _was_asked(self, name: str) -> bool:
        try:
            return self._processes.asked(name) is not None
        except TenfoldError:
            return False

    def run(self, scope: Scope, given: Any) -> Any:
        """Return one run: as in the list, with its curves, and what the studio was asked for."""
        name = scope["path_params"]["name"]
        path = self._run(scope)
        asked = self._processes.asked(name)
        return {
            **run_list.described(self._folder, name),
            "folder": view_of(scope).place(self._folder, name),
            "curves": run_list.curves(path),
            "asked": None if asked is None else asked.to_json(),
        }

    def details(self, scope: Scope, given: Any) -> Any:
        """Return the latest filters, distributions, activations and mistakes."""
        path = self._run(scope) / LIVE / DETAILS
        if not path.is_file():
            raise HttpError(404, "expected a training that is recorded, found one without details")
        content = read_bounded(path, _MOST_DETAILS, CheckpointError, follow_link=False)
        return Reply(content, headers=((b"cache-control", b"no-store"),))

    def report(self, scope: Scope, given: Any) -> Any:
        """Return the report of a run: a page of its own, which reaches nothing of the studio."""
        path = self._run(scope) / "report.html"
        if not path.is_file():
            raise HttpError(404, "expected a run with a report, found one without; write it first")
        content = read_bounded(path, _MOST_DETAILS * 8, CheckpointError, follow_link=False)
        return Reply(content, content_type=b"text/html; charset=utf-8", headers=_REPORT)

    def _names(self, view: View) -> list[str]:
        return run_list.names(self._folder, view.below)

    def _log(self, scope: Scope, action: str, run: str) -> None:
        if self._audit is not None and (user := view_of(scope).user) is not None:
            self._audit.add(user.name, action, run)

    def _run(self, scope: Scope) -> Path:
        try:
            name = scope["path_params"]["name"]
            if not view_of(scope).sees(name):
                raise unknown_run()
            return check_run(self._folder, name)
        except ConfigError as error:
            raise HttpError(404, str(error)) from error


_REPORT = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-popups",
    ),
)


Body: TypeAlias = Callable[[Scope, bytes], Any]


def json_handler(
    answer: Answer, body: Body | None = None, role: str | None = "read"
) -> Callable[[Scope, bytes], Awaitable[Reply]]:
    """Return a handler for `Endpoint`: JSON from a method of `Api`, which runs in a thread.

    Parameters
    ----------
    answer : callable
        ``answer(scope, values)`` returns JSON values, or a reply.
    body : callable, optional
        What it is given of a request's body: `json_body` or `picture_body`; None without one.
    role : str or None
        What a user must be allowed to do, if there are users; None lets in people who are not known.
    """

    async def handle(scope: Scope, content: bytes) -> Reply:
        user = None if role is None else view_of(scope).user
        if user is not None and role is not None and not user.may(role):
            raise HttpError(
                403, f"expected a user with the role {role}, got one with the role {user.role}; ask for it"
            )
        try:
            given = None if body is None else body(scope, content)
            found = await asyncio.to_thread(answer, scope, given)
        except BusyError as error:
            raise HttpError(409, message(error, _LONGEST)) from error
        except (TenfoldError, ValueError) as error:
            raise HttpError(422, message(error, _LONGEST)) from error
        if isinstance(found, Reply):
            return found
        return Reply(json.dumps(found, allow_nan=False).encode(), headers=((b"cache-control", b"no-store"),))

    return handle


def json_body(scope: Scope, content: bytes) -> Any:
    """Return the values of a body of JSON."""
    if content_type(scope) != "application/json":
        raise HttpError(415, "expected Content-Type: application/json")
    return parse_json(content, where="body", max_bytes=_MOST_JSON)


def picture_body(scope: Scope, content: bytes) -> bytes:
    """Return a body that is a picture."""
    if not content_type(scope).startswith("image/"):
        raise HttpError(415, "expected Content-Type: image/png")
    return content
