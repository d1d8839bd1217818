"""Files in which a loss is called ``cost`` are read as before; see also `test_old_files`."""

from tenfold.optim import Adam
from tenfold.train import EarlyStopping, EpochRow, Recipe, ReduceOnPlateau
from tenfold.train.former_names import TODAY, with_monitors


def former_recipe() -> Recipe:
    return Recipe(
        3,
        8,
        Adam(0.01),
        early_stopping=EarlyStopping("validation_cost", patience=50),
        plateau=ReduceOnPlateau("train_cost", patience=9),
        chunk_images=16,
    )


def test_a_recipe_with_former_monitors_equals_todays_and_keeps_its_hash():
    recipe = former_recipe()
    assert (recipe.early_stopping.monitor, recipe.plateau.monitor) == ("validation_loss", "train_loss")
    assert Recipe.from_config(recipe.config()) == recipe
    assert recipe.hash == "05a9b1656bdebaa219080eb15c6b678480f85f02d2caff58de6726df9a742a5b"  # of b4c6449


def test_a_row_keeps_the_names_that_a_user_gave():
    row = EpochRow(1, 0.5, 0.3, 0.91, 0.9, 0.4, 0.001, 32).to_dict()
    former = {name.replace("loss", "cost"): value for name, value in row.items()}
    former["watched"] = {"cost": {"accuracy": 0.5, "cost": 0.25}}
    found = EpochRow.from_dict(former)
    assert (found.train_loss, found.validation_loss) == (0.3, 0.4)
    assert found.watched["cost"].loss == 0.25


def test_only_monitors_are_renamed_in_a_configuration():
    config = {"layers": [{"monitor": "test_cost", "name": "train_cost"}], "cost": 1}
    assert with_monitors(config, TODAY) == {
        "layers": [{"monitor": "test_loss", "name": "train_cost"}],
        "cost": 1,
    }
