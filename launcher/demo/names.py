"""Names for people who do not exist: frequent surnames and ordinary given-name characters, put together by dice."""

from random import Random

SURNAMES = (
    "王王王李李李张张张刘刘刘陈陈陈杨杨黄黄赵赵周周吴吴徐徐孙孙胡胡朱朱高高林林何何郭郭马马罗罗"
    "梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭"
)
"""A surname stands as often as it is frequent."""
GIVEN_MALE = "伟强磊军勇杰涛斌超明刚平辉鹏华飞鑫波宇浩凯健俊峰亮建志国文林海山东松柏成安康宁泽晨阳"
GIVEN_FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂英玉兰萍红梅琳雪莹慧洁婷倩颖琴云莲凤珍素香春秋月荷菊晴彤雅欣"
GIVEN_OLD = "国建秀桂玉淑德福长永金大兰英珍清明光文华"
GIVEN_YOUNG = "子一梓雨欣思佳宇浩晨嘉诗艺可乐辰沐若安"


def surname(dice: Random) -> str:
    """Draw a surname."""
    return dice.choice(SURNAMES)


def given_name(dice: Random, *, is_female: bool, born_in: int) -> str:
    """Draw a given name of one or two characters that suits the year of birth."""
    last = dice.choice(GIVEN_FEMALE if is_female else GIVEN_MALE)
    if dice.random() < 0.15:
        return last
    first = dice.choice(GIVEN_OLD if born_in < 1970 else GIVEN_YOUNG if born_in > 2000 else GIVEN_MALE + GIVEN_FEMALE)
    return first + last
