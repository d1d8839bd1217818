"""Names and options that users of other libraries type for data, and what to write instead."""

from __future__ import annotations

from tenfold.habits import each

_LOADER = (
    "leave it out: model.fit(data, batch_size=32) draws the minibatches, each epoch in an order of its own"
)
_CORPUS = "write load_corpus('mnist'), a name or a path"
_AFFINE = "write RandomAffine(rotation=10, shift=0.1, zoom=0.1)"
_SCALED = "leave it out: networks scale the pixels"

UNIT_NAMES = each(
    {
        "DataLoader random_order": _LOADER,
        "TensorDataset NumpyArrayIterator": "write Dataset(images, labels), or from_arrays(X, y)",
        "ImageFolder image_dataset_from_directory": "write load_corpus('my-pictures')",
        "random_split train_test_split StratifiedKFold": (
            "write train, test = split(data, (0.8, 0.2), seed=0)"
        ),
        "load_data load_mnist load_digits fetch_openml MNIST mnist datasets load_dataset": _CORPUS,
        "FashionMNIST": "write load_corpus('fashion-mnist')",
        "CIFAR10": "write load_corpus('cifar10')",
        "transforms RandomRotation RandomTranslation RandomZoom RandomCrop": _AFFINE,
        "ImageDataGenerator": _AFFINE,
        "RandomHorizontalFlip RandomVerticalFlip": "write RandomFlip()",
        "ElasticTransform": "write RandomElastic(alpha=34, sigma=4)",
        "Cutout CoarseDropout": "write RandomErasing(side=8, value=0.0, chance=1.0)",
        "Mixup mixup RandomMixUp": "write MixUp(alpha=0.2)",
        "Cutmix cutmix RandomCutMix": "write CutMix(alpha=1.0)",
        "Compose": "write Chain([RandomAffine(rotation=10), RandomElastic()])",
        "Normalize ToTensor Rescaling StandardScaler": _SCALED,
    }
)
"""Names of the unit `tenfold.data`."""

_BOTH = "write data.images and data.labels"

DATASET_NAMES = each(
    {
        "X x data features pixels image": "write data.images",
        "y Y target targets label": "write data.labels",
        "samples numpy to_numpy as_numpy_iterator tensors": _BOTH,
        "to_frame": "write pandas.DataFrame(data.images.reshape(len(data), -1)).assign(label=data.labels)",
        "shape": "write data.images.shape, or data.image_shape for one image",
        "size": "write len(data)",
        "num_classes n_classes": "write data.classes",
        "target_names class_to_idx label_names features_names": "write data.class_names",
        "batch shuffle prefetch repeat cache": _LOADER,
        "map transform": "give an augmentation to the model: Model(network, augmentation=...)",
        "head sample select filter": "write data.subset(slice(10)), or data.subset(index)",
        "plot show": "in a notebook the data show themselves; a picture is data.images[0]",
        "train test": "these are images alone: a corpus has .train and .test, see load_corpus",
        "train_test_split": "write train, test = tenfold.split(data, (0.8, 0.2), seed=0)",
        "split": "write train, test = tenfold.split(data, (0.8, 0.2), seed=0)",
    }
)
"""Attributes of data sets."""

CORPUS_NAMES = each(
    {
        "images data X": "write corpus.train.images or corpus.test.images",
        "labels target y": "write corpus.train.labels or corpus.test.labels",
        "X_train x_train train_images train_data": "write corpus.train.images",
        "y_train train_labels": "write corpus.train.labels",
        "X_test x_test test_images test_data": "write corpus.test.images",
        "y_test test_labels": "write corpus.test.labels",
        "validation val valid dev": "hold some training images out: model.fit(corpus, validation=0.1)",
        "classes num_classes n_classes": "write corpus.train.classes",
        "class_names target_names": "write corpus.train.class_names",
        "shape": "write corpus.train.images.shape",
        "image_shape": "write corpus.train.image_shape",
    }
)
"""Attributes of a corpus."""

LOAD_OPTIONS = each(
    {
        "name path folder dataset": "write load_corpus('mnist'), or load_corpus('my-images')",
        "root": "write load_corpus('my-images'), or set TENFOLD_DATA to the folder",
        "train split subset": "leave it out: a corpus has .train and .test",
        "return_X_y": "leave it out: write corpus.train.images and corpus.train.labels",
        "transform batch_size shuffle": "leave it out: it belongs to the model or to fit",
        "X x images": "write load_corpus((X, y))",
        "*": "arrays are given in one tuple: load_corpus((X, y)), or load_corpus((X, y, X_test, y_test))",
    }
)
"""Options of `load_corpus`."""

SPLIT_OPTIONS = each(
    {
        "test_size train_size": "write split(data, (0.8, 0.2), seed=0)",
        "random_state generator": "write seed=0",
        "stratify shuffle": "leave it out: each part has the same fraction of every class",
    }
)
"""Options of `split`."""

AUGMENT_OPTIONS = each(
    {
        "degrees rotation_range angle": "write rotation=10: degrees to each side",
        "translate width_shift_range height_shift_range shifts": "write shift=0.1: a fraction of the sides",
        "scale zoom_range": "write zoom=0.1: by up to so much larger or smaller",
        "shear_range": "write shear=5: degrees to each side",
        "fill": "leave it out: new pixels are 0",
        "p probability": "leave it out: each image is altered by chance of its own",
        "seed random_state": "the generator is given with the images: augment(images, rng)",
    }
)
"""Options of augmentations."""
