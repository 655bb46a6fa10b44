"""What is published for everybody: feeds, pages of notices, and the links people are sent."""
