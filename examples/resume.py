"""Train two epochs, resume for a third, save, load and predict."""

from tempfile import TemporaryDirectory

import tenfold

corpus = tenfold.load_corpus()
model = tenfold.build("lenet5")
with TemporaryDirectory() as folder:  # your own folder, so that you can resume after a crash
    model.fit(corpus.train, epochs=2, seed=0, out=f"{folder}/run")  # saved there after every epoch

    history = model.fit(corpus.train, epochs=3, out=f"{folder}/run", resume=True)  # only the third epoch
    print(f"accuracy on held-out training images: {history.rows[-1].validation_accuracy:.2%}")

    model.save(f"{folder}/model")  # safetensors and JSON, never pickle
    loaded = tenfold.load_model(f"{folder}/model")
    right = loaded.predict(corpus.test.images) == corpus.test.labels
    print(f"accuracy on the test images: {right.mean():.2%}")
    print("first test image:", loaded.predict_proba(corpus.test.images[:1]).round(3))
