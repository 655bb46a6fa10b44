"""Promises of `app.wechat.edge`."""
