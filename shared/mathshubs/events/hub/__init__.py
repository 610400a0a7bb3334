"""What hub systems report, by the service that answers."""
