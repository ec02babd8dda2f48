"""Dagster's side: the only package, with definitions and cli, that imports dagster."""
