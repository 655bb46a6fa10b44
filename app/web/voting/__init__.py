"""Pages for voters and for the public: asking, answering, receipts, and what came of it."""
