"""Made the files beside it, in a folder with this and digits.py, by the package of commit b4c6449."""

import json
import os
import shutil
import signal
from pathlib import Path

import digits

import tenfold
from tenfold.cli import main
from tenfold.nn import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    MaxPool2d,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
)
from tenfold.optim import SGD, CosineDecay
from tenfold.train import Callback, Recipe, ReduceOnPlateau
from tenfold.zoo import NetworkModel

DATA = ["--data", "digits"]


class Interrupts(Callback):
    """Ctrl-C at the end of the second epoch."""

    def on_epoch_end(self, progress):
        if progress.epoch == 1:
            os.kill(os.getpid(), signal.SIGINT)


def tenfold_(*arguments, code=0):
    assert main([*arguments, *DATA, "--quiet"]) == code


def interrupted():
    """A run of the command that was stopped in its second epoch."""
    from tenfold.cli import train

    train.watcher = Interrupts
    assert main(["train", "nn1l", *DATA, "--epochs", "4", "--out", "interrupted", "--no-report"]) == 130


def own():
    """A network of every kind of layer, trained from Python: what it was saved as, and its checkpoints."""
    network = Sequential(
        {
            "conv1": Conv2d(1, 3, 3, stride=2, padding=1),
            "norm": BatchNorm(3),
            "leaky": LeakyReLU(0.1),
            "average": AvgPool2d(2),
            "conv2": Conv2d(3, 4, (2, 3), padding=1),
            "relu": ReLU(),
            "largest": MaxPool2d(3, stride=2),
            "flat": Flatten(),
            "dense1": Dense(36, 12),
            "sigmoid": Sigmoid(),
            "dropout": Dropout(0.2),
            "dense2": Dense(12, 12),
            "tanh": Tanh(),
            "dense3": Dense(12, 10),
        },
        input_shape=(28, 28, 1),
    )
    recipe = Recipe(
        2,
        batch_size=16,
        optimizer=SGD(0.1, momentum=0.9),
        rate=CosineDecay(1.0, 4),
        plateau=ReduceOnPlateau("validation_cost"),
        choose="best",
    )
    model = NetworkModel("own", network, recipe)
    model.fit(tenfold.load_corpus("digits").train, seed=0, out="own")
    model.save("own/model")


def write_all():
    digits.write_folder()
    tenfold_("train", "nn1l", "--epochs", "10", "--out", "nn1l", "--no-report")
    shutil.rmtree("nn1l/checkpoints")
    tenfold_("train", "ridge-linear", "--out", "ridge-linear", "--no-report")
    tenfold_("train", "nn1l", "--from", "nn1l", "--epochs", "2", "--out", "fine-tuned", "--no-report")
    shutil.rmtree("fine-tuned/checkpoints")
    tenfold_("trials", "nn1l", "--seeds", "0-1", "--epochs", "2", "--results", "results")
    tenfold_("trials", "ridge-linear", "--seeds", "0", "--results", "results")
    for folder in Path("results/trials").iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    Path("ablation.toml").write_text(
        'title = "One layer"\nbase = "nn1l"\n\n'
        '[[change]]\nname = "ten times the rate"\nrecipe.rate = 0.01\n\n'
        '[[change]]\nname = "early stopping"\n'
        'recipe.early_stopping = { kind = "early_stopping", monitor = "validation_cost", patience = 3 }\n'
        'recipe.choose = "last"\n'
    )
    tenfold_("ablate", "ablation.toml", "--seeds", "0-1", "--epochs", "2", "--out", "ablation")
    Path("ablation/ablation.html").unlink()
    for folder in [path for path in Path("ablation").glob("links/*/trials/*") if path.is_dir()]:
        shutil.rmtree(folder)
    interrupted()
    own()
    images = tenfold.load_corpus("digits").test.images[:5]
    answers = {
        name: tenfold.load_model(f"{name}/model").predict_proba(images).round(6).tolist()
        for name in ("nn1l", "ridge-linear", "fine-tuned", "own")
    }
    Path("answers.json").write_text(json.dumps(answers, indent=1) + "\n")
    for lock in Path().rglob(".lock"):
        lock.unlink()


if __name__ == "__main__":
    write_all()
