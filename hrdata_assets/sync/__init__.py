"""Following the records of systems: what changed, stored with the cursor it was read by."""
