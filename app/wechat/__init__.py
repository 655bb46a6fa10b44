"""WeChat's own language: the callback's edge, the API, its tokens; no community in it."""
