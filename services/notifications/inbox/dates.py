"""Days, moments and lengths as an older neighbour says them, in China's time."""

from datetime import date, datetime, time, timedelta

from services.notifications.messages.templates import china_time
from shared.kernel.clock import CHINA


def china_date(day: date) -> str:
    """Write a day: 2026年5月18日."""
    return f"{day.year}年{day.month}月{day.day}日"


def until(moment: datetime) -> str:
    """Write until when something can be done; midnight is 24:00 of the day before, because nobody means 0:00 when saying a day."""
    local = moment.astimezone(CHINA)
    if local.time() == time():
        return f"{china_date(local.date() - timedelta(days=1))} 24:00"
    return china_time(moment)


def length(minutes: int) -> str:
    """Write minutes as hours and minutes: 1 小时 30 分钟."""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} 小时" if hours else "", f"{rest} 分钟" if rest or not hours else "") if part
    )


def yuan(fen: int) -> str:
    """Write an amount of money: 240 元, 12.50 元."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02} 元" if rest else f"{whole} 元"
