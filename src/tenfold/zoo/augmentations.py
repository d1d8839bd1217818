"""The augmentations of published systems: one affine map for each image.

Differences from the authors' code:

- Ours samples once, bilinearly, with zeros around the image. Keras repeats the outermost pixels of an
  image; this differs only if these have ink, in 1 of 74 training images of MNIST.
- Our factor is the size of the digit. Keras divides by its factor, and shifts the digit before it zooms:
  10 % there are sizes of 0.91 to 1.11 and shifts of up to 11 %, 20 % are 0.83 to 1.25 and up to 25 %.
- The code of the scratch document (github.com/RaoulLuque/ImageRecognitionFromScratch) draws once whether a
  whole minibatch is changed, and rounds shifts to whole pixels, towards 0. The seventh and the eighth
  network here do the same; the others draw for each image, as the document's text says. The code
  samples an image once for each change, and rounds sizes to whole pixels; ours does not.
"""

from __future__ import annotations

from dataclasses import replace

from tenfold.data import RandomAffine


def scratch_augmentation(chance: float) -> RandomAffine:
    """Return the augmentation of "Developing an image recognition neural network from scratch", section 6.4.

    Parameters
    ----------
    chance : float
        0.25, 0.5 or 0.8 in its models.
    """
    return RandomAffine(zoom=0.2, rotation=25.0, shift=0.2, chance=chance)


def scratch_code_augmentation(chance: float, batch_size: int) -> RandomAffine:
    """Return the augmentation of the authors' code: by minibatches, with shifts by whole pixels."""
    return replace(scratch_augmentation(chance), together=batch_size, whole_pixels=True)


# Keras' ImageDataGenerator, which has one zoom factor for the height and one for the width.
SCRATCH_WIDE = RandomAffine(zoom=0.2, rotation=25.0, shift=0.2, keep_ratio=False)
GHOUZAM = RandomAffine(zoom=0.1, rotation=10.0, shift=0.1, keep_ratio=False)
