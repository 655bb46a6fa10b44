"""The register of owners: whose the homes are, how large, and who votes for them."""
