"""Images altered as they are trained on: other writers, other pens, other papers, and what is no digit."""
