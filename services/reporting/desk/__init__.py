"""The desk: the first page, with the figures, how fresh they are, and the last things that happened."""
