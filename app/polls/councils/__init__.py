"""Councils: the regular meetings in which a grid talks things over (网格议事)."""
