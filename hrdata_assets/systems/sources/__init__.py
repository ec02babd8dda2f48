"""Sources that are declared in a file instead of written: databases and REST interfaces, object by object."""
