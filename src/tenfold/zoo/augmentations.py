"""How the authors of published systems alter their training images, by one affine map an image.

Where ours differ from what the authors ran:

- Ours sample once, bilinearly, with zeros around the image. Keras continues an image by its outermost
  pixels: the same but for the images with ink there, 1 in 74 of MNIST's training images.
- Our factor is the digit's size. Keras divides by its factor, and moves the digit before it zooms:
  10 % there are sizes of 0.91 to 1.11 and moves of up to 11 %, 20 % are 0.83 to 1.25 and up to 25 %.
- The code of the document from scratch (github.com/RaoulLuque/ImageRecognitionFromScratch) lets chance
  decide for a minibatch as a whole and cuts moves to whole pixels, towards 0. Its seventh and eighth
  network have that here too; for the others chance decides for each image, as the document's text has
  it. The code samples an image once for each change, and rounds sizes to whole pixels; ours does not.
"""

from __future__ import annotations

from dataclasses import replace

from tenfold.data import RandomAffine


def scratch_augmentation(chance: float) -> RandomAffine:
    """Return that of "Developing an image recognition neural network from scratch", section 6.4.

    Parameters
    ----------
    chance : float
        0.25, 0.5 or 0.8 in its models.
    """
    return RandomAffine(zoom=0.2, rotation=25.0, shift=0.2, chance=chance)


def scratch_code_augmentation(chance: float, batch_size: int) -> RandomAffine:
    """Return the same as the authors' code has it: by minibatches, with shifts by whole pixels."""
    return replace(scratch_augmentation(chance), together=batch_size, whole_pixels=True)


# Keras' ImageDataGenerator, which zooms height and width each by a factor of its own.
SCRATCH_WIDE = RandomAffine(zoom=0.2, rotation=25.0, shift=0.2, keep_ratio=False)
GHOUZAM = RandomAffine(zoom=0.1, rotation=10.0, shift=0.1, keep_ratio=False)
