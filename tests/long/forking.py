"""Fork many times while another thread predicts: ``python forking.py JOB TIMES THREADS``.

Each child does the job once, and so does the parent at the end. A child that hangs is ended.
Prints how many children gave the parent's bytes.
"""

import hashlib
import os
import select
import signal
import sys
import tempfile
import threading
import warnings

import numpy as np

from tenfold import TenfoldClassifier, read
from tenfold.data import Dataset, RandomWarp
from tenfold.errors import SlowerWarning
from tenfold.nn import Dense, Flatten, Layer, Sequential
from tenfold.train import executor_for
from tenfold.zoo import NetworkModel, build, hold_out

DIGITS = Dataset(
    np.random.default_rng(0).integers(0, 256, (300, 28, 28), np.uint8), np.arange(300) % 10, "noise"
)
PAGE = np.full((60, 200), 255, np.uint8)
PAGE[10:50, 28:32] = PAGE[10:50, 90:94] = 0
THREADS = int(sys.argv[3])


def network():
    model = build("nn2l")
    model.network.initialise(0)
    return model


MODEL = network()
KNN = build("knn")
CLASSIFIER = TenfoldClassifier("nn2l", epochs=1, batch_size=50, random_state=0)


def predict():
    return MODEL.predict_proba(DIGITS.images).tobytes()


def train():
    model = network()
    runner = executor_for(model.network, model.recipe.loss, model.recipe.optimizer, threads=THREADS)
    order, rates = np.arange(256), np.full(8, 0.01)
    runner.train(DIGITS.images, DIGITS.labels, order, 32, rates, np.random.default_rng(0))
    return b"".join(array.tobytes() for array in runner.export().params.values())


def look():
    return repr(read(PAGE)).encode()


def augment():
    return RandomWarp()(DIGITS.images, np.random.default_rng(0), threads=THREADS).tobytes()


def checksum():
    part, _ = hold_out(DIGITS, 0)
    return (part.sha256 + DIGITS.sha256).encode()


def neighbours():
    return KNN.predict_proba(DIGITS.images[:20]).tobytes()


def mapped():
    with tempfile.TemporaryFile() as file:
        DIGITS.images.tofile(file)
        images = np.memmap(file, np.uint8, "r", shape=DIGITS.images.shape)
        return MODEL.predict_proba(images).tobytes()


def classify():
    return CLASSIFIER.predict_proba(DIGITS.images).tobytes()


def fit():
    classifier = TenfoldClassifier("nn2l", epochs=1, batch_size=50, random_state=0)
    return classifier.fit(DIGITS.images, DIGITS.labels).predict_proba(DIGITS.images).tobytes()


class Halved(Layer):
    """One without compiled code."""

    kind = "halved"

    def forward(self, x, *, training=False, rng=None):
        return x / 2, lambda dy: (dy / 2, {})


def own():
    layers = {"flatten": Flatten(), "halved": Halved(), "fc": Dense(784, 10)}
    model = NetworkModel("own", Sequential(layers, (28, 28, 1)))
    model.network.initialise(0)
    return model.predict_proba(DIGITS.images).tobytes()


def define():
    one = network()
    one.network.initialise(0, np.float64)
    runner = executor_for(one.network, one.recipe.loss, one.recipe.optimizer)
    runner.train(DIGITS.images, DIGITS.labels, np.arange(64), 32, np.full(2, 0.01), np.random.default_rng(0))
    return b"".join(array.tobytes() for array in runner.export().params.values())


WORK = predict, train, look, augment, checksum, neighbours, mapped, classify, fit, own, define
JOBS = {job.__name__: job for job in WORK}


def child(job):
    """Fork, and return the digest of what the child made, or None if it hung or failed."""
    back, out = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(out, hashlib.sha256(job()).hexdigest().encode())
        os._exit(0)
    os.close(out)
    ready, _, _ = select.select([back], [], [], 120)
    if not ready:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with open(back, "rb") as pipe:
        return pipe.read().decode() or None


def main():
    warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of a fork with threads
    warnings.simplefilter("ignore", SlowerWarning)
    job, stop = JOBS[sys.argv[1]], threading.Event()
    KNN.fit(DIGITS)
    CLASSIFIER.fit(DIGITS.images, DIGITS.labels)
    job()  # all that is compiled is compiled now

    def loop():
        while not stop.is_set():
            predict()
            look()
            train()
            augment()
            classify()
            own()

    busy = threading.Thread(target=loop)
    busy.start()
    found = []
    for _ in range(int(sys.argv[2])):
        found.append(child(job))
        if found[-1] is None:
            break
    stop.set()
    busy.join()
    want = hashlib.sha256(job()).hexdigest()
    print(sum(one == want for one in found))


main()
