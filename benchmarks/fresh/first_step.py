"""Load the data, build LeNet-5 and take one training step: the start-up time of `tenfold train`."""

from __future__ import annotations

import json
import time

start = time.perf_counter()

import tenfold  # noqa: E402
from tenfold.train import Recipe, fit  # noqa: E402

corpus = tenfold.load_corpus()
loaded = time.perf_counter() - start
model = tenfold.build("lenet5")
fit(model.network, Recipe(epochs=1, batch_size=32), corpus.train.subset(slice(32)))
print(json.dumps({"import_and_data": loaded}), flush=True)
