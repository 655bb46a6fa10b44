"""The verbs of polls: writing them, opening and closing them, their rolls, and objections."""
