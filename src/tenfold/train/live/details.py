"""The pictures of a network in training: its filters, distributions, activations and mistakes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.backend.arrays import to_numpy
from tenfold.nn import Conv2d, Dense, Loss, Sequential, softmax
from tenfold.train.definition import ignore_float_warnings, network_input

if TYPE_CHECKING:
    from tenfold.data import Dataset
    from tenfold.train.executor import HostArray

_FILTERS = 32  # of the first layer
_MAPS = 16  # of one layer
_SIDE = 32  # pixels of a map; larger ones are thinned out
_UNITS = 256  # of a dense layer
_BINS = 32
_PROBED = 32  # images for gradients
_WORST = 12
MOST_CLASSES = 64
"""A confusion matrix of more classes is left out."""


def picture(values: HostArray) -> dict[str, Any]:
    """Return an array (h, w) as bytes from its least to its greatest value, with both, as JSON values."""
    values = np.nan_to_num(np.asarray(values, np.float64), posinf=0.0, neginf=0.0)
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    scaled = np.rint((values - low) / (high - low or 1.0) * 255).astype(np.uint8)
    return {
        "shape": list(values.shape),
        "low": low,
        "high": high,
        "bytes": b64encode(scaled.tobytes()).decode(),
    }


def plain(image: HostArray) -> dict[str, Any]:
    """Return a uint8 image (h, w) or (h, w, c) as JSON values; of several channels, their mean."""
    grey = image if image.ndim == 2 else np.rint(image.mean(axis=2)).astype(np.uint8)
    return {
        "shape": list(grey.shape),
        "low": 0.0,
        "high": 1.0,
        "bytes": b64encode(grey.tobytes()).decode(),
    }


def filters(network: Sequential) -> dict[str, Any] | None:
    """Return the filters of the first layer that has any; of a dense layer on images, its rows of weights."""
    for name, layer in network.layers.items():
        if isinstance(layer, Conv2d):
            weight = to_numpy(layer.params["weight"])  # (kh, kw, c_in, c_out)
            found = [weight[:, :, :, k].mean(axis=2) for k in range(min(_FILTERS, weight.shape[3]))]
            return {"layer": name, "count": int(weight.shape[3]), "pictures": list(map(picture, found))}
        if isinstance(layer, Dense):
            weight = to_numpy(layer.params["weight"])  # (h * w * c, units)
            h, w, c = network.input_shape
            if weight.shape[0] != h * w * c:
                return None
            units = weight[:, :_FILTERS].reshape(h, w, c, -1).mean(axis=2)  # (h, w, units)
            shown = [picture(units[:, :, k]) for k in range(units.shape[2])]
            return {"layer": name, "count": int(weight.shape[1]), "pictures": shown}
    return None


def histogram(values: HostArray) -> dict[str, Any]:
    """Return how many values lie in each of 32 intervals of equal width."""
    values = values[np.isfinite(values)]
    counts, edges = np.histogram(values, bins=_BINS) if values.size else (np.zeros(_BINS, int), [0.0, 0.0])
    return {"counts": counts.tolist(), "low": float(edges[0]), "high": float(edges[-1])}


def distributions(network: Sequential, loss: Loss, train: Dataset) -> list[dict[str, Any]]:
    """Return histograms of each parameter and of its gradient on a few training images."""
    images, labels = train.take(slice(_PROBED)), train.labels[:_PROBED]
    x, backwards = network_input(network, images), {}
    grads: dict[str, HostArray] = {}
    with ignore_float_warnings():
        for name, layer in network.layers.items():
            x, backwards[name] = layer.forward(x)
        dy = loss.forward(x, labels)[1]()
        for name in reversed(backwards):
            dy, found = backwards[name](dy)
            grads |= {f"{name}.{parameter}": to_numpy(grad) for parameter, grad in found.items()}
    return [
        {"name": name, "weights": histogram(to_numpy(array)), "gradients": histogram(grads[name])}
        for name, array in network.params.items()
    ]


def activations(network: Sequential, data: Dataset, index: int) -> dict[str, Any]:
    """Return what each layer makes of an image: maps (h, w), or the values of a dense layer in one row."""
    index = min(index, len(data) - 1)
    image = data.take(slice(index, index + 1))  # (1, h, w) or (1, h, w, c)
    layers = []
    with ignore_float_warnings():
        x = network_input(network, image)
        for name, output in network.activations(x):
            x, values = output, to_numpy(output)[0]
            if network.layers[name].kind in ("flatten", "dropout"):
                continue
            layers.append({"name": name, "kind": network.layers[name].kind, **_maps(values)})
        chances = softmax(to_numpy(x))[0]
    return {
        "index": index,
        "label": data.class_names[int(data.labels[index])],
        "image": plain(image[0]),
        "layers": layers,
        "probabilities": [round(float(p), 5) if np.isfinite(p) else None for p in chances[:MOST_CLASSES]],
    }


def _maps(values: HostArray) -> dict[str, Any]:
    if values.ndim == 1:
        return {"count": 1, "units": len(values), "maps": [picture(values[None, :_UNITS])]}
    every = -(-max(values.shape[:2]) // _SIDE)
    shown = values[::every, ::every, :_MAPS]
    maps = [picture(shown[:, :, k]) for k in range(shown.shape[2])]
    return {"count": int(values.shape[2]), "maps": maps}


def mistakes(data: Dataset, logits: HostArray, loss: Loss) -> dict[str, Any]:
    """Return the confusion matrix of the held-out images, and the worst mistakes among them."""
    names, k = data.class_names, len(data.class_names)
    read = np.asarray(loss.answers(logits))  # (n,)
    found: dict[str, Any] = {"classes": list(names[:MOST_CLASSES]), "images": len(data)}
    if k <= MOST_CLASSES:
        both = (data.labels >= 0) & (read >= 0) & (read < k)
        counts = np.bincount(data.labels[both] * k + read[both], minlength=k * k)
        found["confusion"] = counts.reshape(k, k).tolist()
    wrong = np.flatnonzero(read != data.labels)
    with ignore_float_warnings():
        sure = np.nan_to_num(softmax(logits[wrong])).max(axis=1, initial=0.0)  # (m,)
    order = np.argsort(-sure, kind="stable")[:_WORST]
    found["worst"] = [
        {
            "index": int(wrong[i]),
            "label": names[int(data.labels[wrong[i]])],
            "answer": names[int(read[wrong[i]])] if read[wrong[i]] < k else "none of them",
            "probability": round(float(sure[i]), 4),
            "image": plain(data.take(wrong[i : i + 1])[0]),
        }
        for i in order
    ]
    return found


def sample_names(data: Dataset, count: int) -> list[Mapping[str, Any]]:
    """Return the first images to choose one from, each with its class."""
    return [
        {
            "index": i,
            "label": data.class_names[int(data.labels[i])],
            "image": plain(data.take(slice(i, i + 1))[0]),
        }
        for i in range(min(count, len(data)))
    ]
