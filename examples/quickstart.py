"""Train, resume, save, load and predict."""

from dataclasses import replace

import tenfold

corpus = tenfold.load_corpus()  # MNIST; a sample of 5,000 images where it cannot be had
print(f"{corpus.name}: {len(corpus.train):,} training images from {corpus.origin}")

model = tenfold.build("lenet5")  # see tenfold.models()
model.recipe = replace(model.recipe, epochs=2)
model.fit(corpus.train, seed=0, out="runs/quickstart")  # saved there after every epoch

model.recipe = replace(model.recipe, epochs=3)
history = model.fit(corpus.train, seed=0, out="runs/quickstart", resume=True)  # only the third epoch
print(f"accuracy on held-out training images: {history.rows[-1].validation_accuracy:.2%}")

model.save("runs/quickstart/model")  # safetensors and JSON, never pickle
loaded = tenfold.load_model("runs/quickstart/model")
print(f"accuracy on test images: {(loaded.predict(corpus.test.images) == corpus.test.labels).mean():.2%}")
print("first test image:", loaded.predict_proba(corpus.test.images[:1]).round(3))
