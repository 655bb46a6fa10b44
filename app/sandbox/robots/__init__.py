"""Robots that post into a group of WeCom, DingTalk or Feishu, with their limits and signatures."""
