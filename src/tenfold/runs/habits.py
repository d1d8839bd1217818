"""Names and options that users of other libraries type for models and runs, and what to write instead."""

from __future__ import annotations

from tenfold.habits import each

_OF_THE_MODEL = "give it to the model: tenfold.Model(network, {})"
_EPOCHS = "write epochs=5"
_VALIDATION = "write validation=(X_validation, y_validation), or validation=0.1"
_STOP = (
    "write tenfold.Model(network, "
    "recipe=tenfold.Recipe(early_stopping=tenfold.train.EarlyStopping(patience=3)))"
)
_XY = "write fit(images, labels)"
_WEIGHTS = "write fit(tenfold.Dataset(images, labels, weights=...))"

FIT_HABITS = each(
    {
        "verbose": "write progress=True or progress=False",
        "validation_data val_data valid eval_set x_val X_val": _VALIDATION,
        "validation_split val_split": "write validation=0.1",
        "learning_rate lr": _OF_THE_MODEL.format("learning_rate=1e-3"),
        "optimizer": _OF_THE_MODEL.format("optimizer='adam'"),
        "loss": _OF_THE_MODEL.format("loss='cross_entropy'"),
        "augmentation": _OF_THE_MODEL.format("augmentation=tenfold.data.RandomAffine(rotation=10)"),
        "name": _OF_THE_MODEL.format("name='mine'"),
        "metrics": "leave it out: accuracy and loss are always there",
        "shuffle": "leave it out: every epoch has an order of its own, drawn from the seed",
        "steps_per_epoch": "leave it out: an epoch is one pass over the images",
        "initial_epoch": "write out=folder, and resume=True to resume the run there",
        "random_state": "write seed=0",
        "n_epochs num_epochs nb_epoch max_epochs max_iter n_iter": _EPOCHS,
        "bs batch minibatch_size": "write batch_size=32",
        "X x y images data target train_data": _XY,
        "sample_weight": _WEIGHTS,
        "class_weight": "write weights for the images: fit(tenfold.Dataset(images, labels, weights=...))",
        "early_stopping patience": _STOP,
        "num_workers n_jobs": "leave it out: all cores are used; workers=2 splits each minibatch",
        "log_dir": "write callbacks=[...], see docs/tensorboard.md",
        "save_best checkpoint save_dir logdir output_dir": "write out=folder",
    }
)
"""Options of `fit`."""

ASK_OPTIONS = each(
    {
        "batch_size verbose steps": "leave it out: all images are predicted at once",
        "return_dict": "leave it out: write model.evaluate(images, labels).accuracy",
        "X x": "write the images first: model.predict(images)",
        "y y_true": "write the labels second: model.evaluate(images, labels)",
        "threshold": "write model.predict_proba(images) > 0.5",
    }
)
"""Options of `predict`, `evaluate` and `score`."""

_FIT = "write model.fit(images, labels, epochs=5)"
_RECIPE = "write model.recipe.{}"
_PARAMS = "write model.network.params"

MODEL_NAMES = each(
    {
        "compile": _OF_THE_MODEL.format("optimizer='adam', loss='cross_entropy'"),
        "train fit_generator train_on_batch partial_fit fit_transform": _FIT,
        "eval": "leave it out: predict always computes as at prediction",
        "to cuda": "write model.network.to('cuda'), or give fit device='cuda'",
        "cpu": "write model.network.to('cpu')",
        "device": "give it to fit: model.fit(images, labels, device='cuda')",
        "forward infer": "write model.network.forward(x), or model.predict(images)",
        "predict_classes": "write model.predict(images)",
        "predict_log_proba": "write numpy.log(model.predict_proba(images))",
        "decision_function": "write model.logits(images)",
        "count_params num_params": "write model.n_parameters",
        "layers": "write model.network.layers",
        "get_weights parameters state_dict weights params coef_": _PARAMS,
        "set_weights load_state_dict": "write model.network.load(params)",
        "save_weights save_model to_json": "write model.save(folder)",
        "load_weights load": "write tenfold.load_model(folder)",
        "export to_onnx": "write tenfold.export_onnx(model, 'mine.onnx')",
        "lr_find find_learning_rate": "write tenfold.find_learning_rate(model, data)",
        "top_losses": "write model.examples('worst', data)",
        "confusion_matrix": "write model.evaluate(data).scores.confusion",
        "plot history_": "write run = model.fit(...), then run.plot()",
        "history metrics": "write run = model.fit(...), then run.history",
        "optimizer loss": "write model.recipe.optimizer and model.recipe.loss",
        "learning_rate lr": "write model.recipe.optimizer.learning_rate",
        "classes_ labels_ class_to_idx": "write model.labels",
        "get_params set_params": "for scikit-learn write tenfold.TenfoldClassifier(network)",
        "net model module": "write model.network",
        "trainable": "leave it out: all parameters are trained",
        "add": "give all layers in one list: tenfold.Sequential([...], input_shape=(28, 28, 1))",
    }
)
"""Attributes of models."""

LOAD_OPTIONS = each(
    {
        "custom_objects": "write layers=[MyLayer], a list of classes",
        "map_location": "write device='cpu'",
        "compile safe_mode weights_only strict": "leave it out: no file can run code",
        "path": "write load_model(folder)",
    }
)
"""Options of `load_model`."""
