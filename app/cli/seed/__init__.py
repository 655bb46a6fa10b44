"""伊伊小区 of ZJ镇: a community of invented people for trying everything out."""

from app.cli.seed.community import SLUG, Seeded, seed

__all__ = ["SLUG", "Seeded", "seed"]
