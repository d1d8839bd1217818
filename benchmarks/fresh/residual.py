"""Print the seconds an image of training the residual network for 32 x 32 x 3: rounds, minibatch, threads."""

import json
import sys
import time

import numpy as np

from tenfold.optim import Adam
from tenfold.train.compiled import CompiledExecutor
from tenfold.zoo import build

rounds, minibatch, threads = map(int, sys.argv[1:])
N = 8 * minibatch
rng = np.random.default_rng(0)
images, labels = rng.integers(0, 256, (2048, 32, 32, 3), dtype=np.uint8), np.arange(2048) % 10
model = build("resnet-cifar10")
model.network.initialise(rng)
executor = CompiledExecutor(model.network, model.recipe.loss, Adam(1e-3, weight_decay=0.01), threads=threads)
seconds = []
for _ in range(rounds + 1):  # the first one warms up
    order, start = rng.permutation(2048)[:N], time.perf_counter()
    executor.train(images, labels, order, minibatch, np.full(8, 1e-3), rng)
    seconds.append((time.perf_counter() - start) / N)
print(json.dumps(seconds[1:]))
