"""The images that every member of an ensemble misreads, so that their mean is seldom right either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tenfold.data import Dataset
from tenfold.zoo import Model


@dataclass(frozen=True, kw_only=True)
class MisreadByAll:
    """An image that all members misread.

    Attributes
    ----------
    index : int
        Its place in the data set.
    label : int
    answer : int
        The class with the largest mean probability.
    probability, of_label : float
        The mean probability of the answer, and that of the label.
    members : mapping of str to int
        The answer of each member.
    """

    index: int
    label: int
    answer: int
    probability: float
    of_label: float
    members: Mapping[str, int]


def misread_by_all(members: Mapping[str, Model], data: Dataset) -> list[MisreadByAll]:
    """Return the images that all members misread, those with the least probability of their label first.

    Parameters
    ----------
    members : mapping of str to Model
        Trained models by name, such as `Ensemble.members`; of several ensembles if you like.
    data : Dataset
        Images with labels that the members were not trained on.

    Returns
    -------
    list of MisreadByAll
        Empty if there are no members or no such images.

    Examples
    --------
    >>> import tenfold
    >>> test = tenfold.load_corpus("mnist-5k").test
    >>> members = {name: tenfold.load_trained(name) for name in ("mlp-800", "lenet5")}
    >>> all(one.label not in one.members.values() for one in misread_by_all(members, test))
    True
    """
    if not members:
        return []
    probabilities = np.stack([model.predict_proba(data.images) for model in members.values()])  # (m, n, k)
    answers = probabilities.argmax(axis=2)  # (m, n)
    mean = probabilities.mean(axis=0)  # (n, k)
    of_label = mean[np.arange(len(data)), data.labels]  # (n,)
    left = np.flatnonzero((answers != data.labels).all(axis=0))
    return [
        MisreadByAll(
            index=i,
            label=int(data.labels[i]),
            answer=int(mean[i].argmax()),
            probability=float(mean[i].max()),
            of_label=float(of_label[i]),
            members=MappingProxyType(dict(zip(members, answers[:, i].tolist(), strict=True))),
        )
        for i in left[np.argsort(of_label[left], kind="stable")].tolist()
    ]
