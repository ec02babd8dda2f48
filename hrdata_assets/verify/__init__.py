"""The promises put as questions to the database and the archive."""
