"""What the hot paths cost, beside something simple measured in the same run."""
