"""What crosses the wire about requests, a file for each thing."""
