"""Read the digits of pictures on the machines of a Ray cluster, with ``pip install 'ray[serve]'``."""

import numpy as np
from ray import serve
from starlette.requests import Request
from starlette.responses import JSONResponse

from tenfold.errors import TenfoldError
from tenfold.predict import Reader, shipped


@serve.deployment(num_replicas=2, max_ongoing_requests=16, ray_actor_options={"num_cpus": 1})
class Digits:
    """One replica: a process with the network in memory."""

    def __init__(self) -> None:
        self.reader = Reader(shipped())
        self.check_health()  # compiles the engine, if nobody has, before the first request

    def check_health(self) -> None:
        self.reader.recogniser.predict(np.zeros((1, 28, 28), np.uint8))

    async def __call__(self, request: Request) -> JSONResponse:
        try:
            reading = self.reader.read(await request.body())
        except TenfoldError as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse({"text": reading.text, "reason": reading.reason})


app = Digits.bind()  # type: ignore[attr-defined]
