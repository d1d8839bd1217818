"""Train, predict, evaluate."""

import tenfold

corpus = tenfold.load_corpus()  # MNIST, or a sample of 5,000 images
model = tenfold.build("lenet5")  # a network with its recipe; tenfold.models() lists all
model.fit(corpus.train, seed=0)  # 20 epochs, 20 seconds to a minute on two cores
predicted = model.predict(corpus.test.images)  # uint8 (n, 28, 28) -> digits (n,)
print(f"accuracy on the test images: {(predicted == corpus.test.labels).mean():.2%}")
