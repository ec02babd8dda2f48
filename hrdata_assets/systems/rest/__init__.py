"""REST interfaces as systems: how one pages, filters and signs in is declared."""
