"""One file per part: how it is prepared, started, known to be ready, and stopped."""
