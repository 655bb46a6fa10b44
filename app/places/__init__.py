"""Where things are: community, area, grid, building, unit, home; stations and rooms."""
