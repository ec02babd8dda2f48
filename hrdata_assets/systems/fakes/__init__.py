"""What all fake systems share: who is in them, what goes wrong with them, and how they are served."""
