"""Invented names and numbers, the same ones at every seeding."""

from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏"
    "魏程吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝"
)
_GIVEN = (
    "秀英 桂兰 建国 淑珍 志强 玉兰 德华 秀兰 国强 凤英 建华 玉梅 永福 春梅 明 丽 军 芳 伟 敏 "
    "静 强 磊 洋 艳 勇 娟 涛 霞 平 刚 桂英 文 辉 玲 鹏 浩 宇 欣怡 子涵 雨桐 梓萱 俊杰 思源 "
    "天佑 佳琪 晓东 晓燕 海燕 雪梅 大山 长春 兴旺 光明 素芬 惠民 世荣 家兴 月娥 来福"
)


class Invented:
    """A source of people who do not exist."""

    def __init__(self, number: int) -> None:
        self.random = Random(number)  # noqa: S311 - stories, not secrets
        self._phones = 0

    def name(self) -> str:
        """A full name."""
        return self.random.choice(_SURNAMES) + self.random.choice(_GIVEN.split())

    def phone(self) -> str:
        """A number of the right form, used once."""
        self._phones += 1
        return f"1390000{self._phones:04d}"
