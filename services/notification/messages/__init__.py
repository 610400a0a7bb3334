"""Messages: what a mail says and how it is written, in text, in HTML and as a calendar entry."""
