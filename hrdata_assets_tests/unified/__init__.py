"""The unified model, and what makes its rows."""
