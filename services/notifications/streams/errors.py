"""Refusals of streams.

```
TooManyError
└── TooManyStreamsError      this account has enough pages open
UnavailableError
└── StreamsFullError         this process holds as many streams as it may
```
"""

from shared.kernel.errors import TooManyError, UnavailableError


class TooManyStreamsError(TooManyError):
    code = "notifications.too_many_streams"
    title = "打开的页面太多"
    detail = "您同时打开的页面太多了（最多 {most} 个），请先关掉几个。"


class StreamsFullError(UnavailableError):
    code = "notifications.streams_full"
    title = "实时消息暂时连不上"
    detail = "现在在线的人太多，实时消息暂时连不上；消息不会丢，请过一会儿刷新。"
