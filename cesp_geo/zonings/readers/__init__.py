"""One module a format, and the one door that opens files safely."""
