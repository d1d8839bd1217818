"""Augmentation: random changes of training images, and images without a digit."""
