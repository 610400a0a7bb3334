"""SQL that answers the desk's pages."""
