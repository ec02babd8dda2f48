"""The shared model of people and CVs, whatever system they came from."""
