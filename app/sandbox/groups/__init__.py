"""Chat groups with a bot in them, as OneBot 11, WeCom, DingTalk and Feishu carry them."""
