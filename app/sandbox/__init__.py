"""A fake WeChat platform on your own machine: its API, its callbacks, and a phone to hold."""
