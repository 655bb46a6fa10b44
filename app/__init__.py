"""A residential community on its WeChat account: asking, deciding, telling, gathering."""
