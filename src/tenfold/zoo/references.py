"""The sources of the published figures, and notes that several entries share."""

from __future__ import annotations

LENET_DOCUMENT = (
    '"MNIST Handwritten Digits and a Modern LeNet-5", test accuracy on a laptop with an Intel i7-8565U'
)
MLP_CNN_DOCUMENT = 'R. Ito, "EFC2: MNIST MLP and CNN Classifier" (2020), test accuracy'
SCRATCH_DOCUMENT = (
    'R. Luqué, "Developing an image recognition neural network from scratch" (2024), error rate on the '
    "test images"
)
KERAS_DOCUMENT = "LeNet with Keras and TensorBoard, a report of 2018: test accuracy, two runs on a GTX 1060"
GHOUZAM_DOCUMENT = (
    'Y. Ghouzam, "Introduction to CNN Keras" (Kaggle, 2017), accuracy on the 28,000 test images of Kaggle'
)
SIMARD_2003 = (
    'P. Simard, D. Steinkraus, J. Platt, "Best Practices for Convolutional Neural Networks Applied to Visual '
    'Document Analysis" (2003), table 1: elastic distortions, cross-entropy'
)
CIRESAN_2010 = (
    'D. Ciresan, U. Meier, L. Gambardella, J. Schmidhuber, "Deep, Big, Simple Neural Nets Excel on '
    'Handwritten Digit Recognition" (2010), arXiv:1003.0358, table 1'
)
LECUN_1998 = (
    'Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", '
    "Proceedings of the IEEE 86(11), 1998, section III: LeNet-5 without distortions"
)
DEOTTE_2018 = 'C. Deotte, "MNIST-CNN-99.75" (2018), github.com/cdeotte/MNIST-CNN-99.75, mean accuracy of '
SIMPLENET_2016 = (
    'S. Hasanpour, M. Rouhani, M. Fayyaz, M. Sabokrou, "Lets keep it simple, Using simple architectures to '
    'outperform deeper and more complex architectures" (2016), arXiv:1608.06037: the slim version, from '
    "github.com/Coderx7/SimpleNet"
)
AN_2020 = (
    'S. An, M. Lee, S. Park, H. Yang, J. So, "An Ensemble of Simple Convolutional Neural Network Models for '
    'MNIST Digit Recognition" (2020), arXiv:2008.10400: the best epoch on the test images, from '
    "the logs in github.com/ansh941/MnistSimpleCNN; of M3 and M5 the first three of thirty, of M7 the three "
    "that are complete"
)

PUBLISHED_SEEDS = (0, 378039, 501968, 757431, 924519)
TEN_SEEDS = tuple(range(10))
FIVE_SEEDS = tuple(range(5))
THREE_SEEDS = tuple(range(3))

CLASSICAL = (
    "Pixels divided by 255, in float64. scikit-learn with its defaults of 2020; every parameter is given, so "
    "that later changes of defaults have no effect.",
)
CHOICE = (
    "Published protocol: trained on all 60,000 images; of the last four epochs, the best one on the test "
    "images is kept (if two are equal, the later one). Honest protocol: the same choice on 10,000 of the "
    "60,000, held out and stratified by digit.",
    "The published runs are those of both versions of the document, five seeds each.",
    "Weight decay acts on the biases too; the authors' code leaves them out.",
)
NO_CHOICE = "No choice needs held-out images: both protocols train on all 60,000 images and are the same."
FIFTH_HELD_OUT = (
    "Published protocol: choices use a fifth of the 60,000 images, as the authors' did, but stratified by "
    "digit. Honest protocol: choices use 10,000."
)
LEAST_SQUARES = (
    "The coefficient is the power of two from 2**-10 to 2**20 with the best accuracy on the held-out images; "
    "if several are equally good, the largest. Then all images are fitted with it. The document does not say "
    "which coefficients were tried, nor how one was chosen.",
    "Squared error fits the outputs to the digits' probabilities; small and negative outputs are made "
    "positive, and all are divided by their sum.",
)
SQUARED_ERROR = (
    "Trained with squared error, and with tanh as the last activation function. For its probabilities, and "
    "the loss on the test images, the outputs are made positive and divided by their sum."
)
