"""A run: its job, its folder, its record, its figures, its report; and many runs, in trials."""
