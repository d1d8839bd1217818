"""Files of ablations: those that come with tenfold, and what is refused in others."""

from __future__ import annotations

import re

import pytest

from tenfold.cli import main
from tenfold.errors import ConfigError
from tenfold.evaluate.ablation import read_ablation, shipped
from tenfold.zoo import ENTRIES, SplitFractions, digest


def written(tmp_path, text):
    path = tmp_path / "some.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", shipped())
def test_what_comes_with_tenfold_can_be_trained(name):
    found = read_ablation(name)
    assert len(found.variants) > 1
    digests = [digest(variant.entry) for variant in found.variants]
    assert len(set(digests)) == len(digests)  # every change changes something
    for place, variant in enumerate(found.variants):
        assert variant.against == (None if place == 0 else place - 1 if found.chain else 0)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("mlp", "mlp-512", "mlp-800"),
        ("cnn", "cnn-ref", "cnn-dev"),
        ("scratch", "scratch-01", "scratch-12"),
        ("ghouzam", "ghouzam-plain", "ghouzam"),
    ],
)
def test_the_documents_chains_go_from_end_to_end(name, first, last):
    variants = read_ablation(name).variants
    if name == "mlp":  # the authors took their last change back
        *variants, back = variants
        assert back.entry.recipe().batch_size == 512
        assert back.entry.selection_set == variants[-1].entry.selection_set
    assert (variants[0].entry.name, variants[-1].entry.name) == (first, last)
    assert variants[0].plain
    assert variants[-1].plain


def test_the_last_link_of_the_convolutional_chain_is_a_single_change_on():
    """All that was changed before leads to the developed network but for its learning rate and names."""
    *_, before, last = read_ablation("cnn").variants
    ours, theirs = (variant.entry.recipe().config() for variant in (before, last))
    assert ours.pop("optimizer")["config"] == theirs.pop("optimizer")["config"] | {"learning_rate": 1e-3}
    assert ours == theirs
    assert before.entry.selection_set == last.entry.selection_set
    shapes = [
        [(row.kind, row.output_shape) for row in variant.entry.build(variant.entry).network.rows()]
        for variant in (before, last)
    ]
    assert shapes[0] == shapes[1]


# name -> the accuracies that the authors report, step by step, in percent; the first is the base's
PUBLISHED = {
    "mlp": (97.94, 97.67, 98.21, 98.03, 98.19, 98.10, 98.17, 98.25, 98.19),
    "cnn": (99.02, 99.12, 99.08, 99.14, 99.28, 99.34, 99.40, 99.29),
    "ghouzam": (98.114, 99.67),
    "scratch": (89.95, 93.25, 96.90, 97.36, 97.81, 97.98, 98.07, 98.42, 99.20, 99.55, 99.58, 99.60),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_authors_accuracy_of_each_step(name):
    found = read_ablation(name)
    assert [100 * variant.published for variant in found.variants] == pytest.approx(PUBLISHED[name])
    assert found.source
    assert found.is_published


@pytest.mark.parametrize(("name", "first"), [("mlp", 3), ("cnn", 4)])
def test_the_authors_stopped_early_on_a_fifth_of_the_images(name, first):
    choices = [variant.entry.selection_set for variant in read_ablation(name).variants]
    assert choices == [None] * first + [SplitFractions(0.8, 0.2)] * (len(choices) - first)


def test_every_plan_that_comes_with_tenfold_is_named_in_the_help(capsys):
    assert main(["ablate", "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert all(name in out for name in shipped())


CHAIN = """
base = "nn2l"
chain = {chain}
[[change]]
recipe.rate = 2e-3
[[change]]
name = "short"
recipe.epochs = 3
[[change]]
entry = "nn3l"
"""


@pytest.mark.parametrize("chain", [True, False])
def test_a_change_stands_on_those_before_it_or_alone(chain, tmp_path):
    found = read_ablation(written(tmp_path, CHAIN.format(chain=str(chain).lower())))
    assert [variant.name for variant in found.variants] == ["nn2l", "recipe.rate = 0.002", "short", "nn3l"]
    rates = [variant.entry.recipe().optimizer.learning_rate for variant in found.variants]
    assert rates == [1e-3, 2e-3, 2e-3 if chain else 1e-3, 1e-3]
    assert [variant.entry.recipe().epochs for variant in found.variants] == [20, 20, 3, 20]
    assert [variant.entry.name for variant in found.variants] == ["nn2l", "nn2l", "nn2l", "nn3l"]
    assert found.title == "nn2l"


REFUSED = {
    "no TOML": ("base = ", "expected TOML, got something else (Invalid value"),
    "no base": ("[[change]]\ndropout = 0.5", "base: expected a text, got None; set it"),
    "an unknown base": (
        'base = "nn2"\n[[change]]\ndropout = 0.5',
        "unknown model 'nn2'; did you mean 'nn2l'?",
    ),
    "no change": ('base = "nn2l"', "expected at least one [[change]], got none; add a change"),
    "a change that is no table": ('base = "nn2l"\nchange = 3', "expected at least one [[change]]"),
    "an unknown key": ('base = "nn2l"\nbases = 1', "unknown key 'bases'; did you mean 'base'?"),
    "an unknown key in a change": (
        'base = "nn2l"\n[[change]]\ndropuot = 0.5',
        "change 1: unknown key 'dropuot'; did you mean 'dropout'?",
    ),
    "nothing in a change": (
        'base = "nn2l"\n[[change]]\nname = "x"',
        "change 1: expected either entry or a change of recipe, network, dropout, held_out, got both",
    ),
    "an entry and more": (
        'base = "nn2l"\n[[change]]\nentry = "nn3l"\ndropout = 0.1',
        "change 1: expected either entry or a change",
    ),
    "an unknown entry": (
        'base = "nn2l"\n[[change]]\nrecipe.epochs = 3\n[[change]]\nentry = "nn4l"',
        "change 2: unknown model 'nn4l'; did you mean 'nn3l'",
    ),
    "an unknown option": (
        'base = "nn2l"\n[[change]]\nrecipe.epoch = 3',
        "change 1: unknown option of recipe: 'epoch'; did you mean 'epochs'?",
    ),
    "a name twice": (
        'base = "nn2l"\n[[change]]\nname = "nn2l"\nrecipe.epochs = 3',
        "expected every name once, got 'nn2l' twice; rename one",
    ),
    "an accuracy in percent": (
        'base = "nn2l"\npublished = 98.1\n[[change]]\nrecipe.epochs = 3',
        "published: expected an accuracy from 0.0 to 1.0, got 98.1; set it",
    ),
    "an accuracy that is a text": (
        'base = "nn2l"\n[[change]]\npublished = "0.98"\nrecipe.epochs = 3',
        "change 1: published: expected an accuracy from 0.0 to 1.0",
    ),
    "a share that is none": (
        'base = "nn2l"\n[[change]]\nheld_out = 20',
        "change 1: held_out: expected a share between 0 and 1, got 20; correct it",
    ),
    "a share without a choice": (
        'base = "mlp-512"\n[[change]]\nheld_out = 0.2',
        "change 1: held_out: expected a recipe with a choice on held-out images, got one without",
    ),
    "a word for yes": (
        'base = "nn2l"\nchain = "yes"\n[[change]]\nrecipe.epochs = 3',
        "chain: expected true or",
    ),
}


@pytest.mark.fault(
    "trials and reports",
    "an ablation's file is malformed or names unknown keys",
    "one line, with the nearest name",
)
@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_one_line_with_its_name(name, tmp_path):
    text, message = REFUSED[name]
    path = written(tmp_path, text)
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        read_ablation(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_what_is_no_file_is_a_name_of_one_that_is_there(tmp_path):
    with pytest.raises(ConfigError, match="did you mean"):
        read_ablation("mpl")
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        read_ablation(tmp_path / "nowhere.toml")
    (tmp_path / "latin.toml").write_bytes(b"base = '\xe9'")
    with pytest.raises(ConfigError, match="expected TOML in UTF-8"):
        read_ablation(tmp_path / "latin.toml")


def test_every_entry_of_the_chains_is_in_the_zoo():
    named = {name for text in shipped().values() for name in re.findall(r'(?:base|entry) = "(.+?)"', text)}
    assert named <= ENTRIES.keys()
