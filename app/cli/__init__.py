"""The command line: `./palm`, for whoever runs the service."""
