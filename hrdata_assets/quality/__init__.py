"""Rules read off the declarations, scores, and gates."""
