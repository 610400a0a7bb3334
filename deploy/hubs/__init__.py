"""The operator's command line, and the real parts that the system runs on."""
