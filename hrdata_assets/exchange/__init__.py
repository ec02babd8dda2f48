"""Records moved from one system to another: read, filtered, formatted, written, and found again by external id."""
