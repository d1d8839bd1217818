"""From the grey levels of a picture to its digits, each at 28 x 28 the way MNIST was made."""
