"""Formats of pictures: recognised by their content, with limits on work that are checked before decoding."""
