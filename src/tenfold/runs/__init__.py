"""A run: what is trained and on what, its folder, its record, its figures, its report; and many runs, in trials."""
