"""Commands of `hrdata`, a module per subject; cli.py puts them together."""
