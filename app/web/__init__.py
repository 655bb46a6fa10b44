"""Pages, and what an operator looks at; it speaks of several domains at once."""
