"""Promises of `app.wechat`."""
