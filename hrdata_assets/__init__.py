"""One Dagster asset graph that takes what HR really has into PostgreSQL, faithfully."""
