"""What can go wrong when the system is brought up: one sentence for people, one exit code for scripts.

The codes are part of the command line: they are listed in `make help` and never change their meaning.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every `make` target that starts the launcher; 0 is success, 1 an unexpected failure."""

    UNEXPECTED = 1
    USAGE = 2
    ALREADY_RUNNING = 10
    PORT_TAKEN = 11
    DATA_DIR = 12
    DISK_FULL = 13
    DATABASE_UNREACHABLE = 14
    REDIS_UNREACHABLE = 15
    DATABASE_NEWER = 16
    MIGRATION_FAILED = 17
    SERVER_FAILED = 18
    BINARIES = 19
    DEMO_FAILED = 20
    CHILD_FAILED = 21
    NOT_CONFIRMED = 22
    STOPPED = 130


MEANINGS: dict[Exit, tuple[str, str]] = {
    Exit.UNEXPECTED: ("没有料到的错误", "unexpected failure"),
    Exit.USAGE: ("参数或设置写错了", "wrong argument or setting"),
    Exit.ALREADY_RUNNING: ("这个数据目录已经有一个缔园在运行", "already running on this data directory"),
    Exit.PORT_TAKEN: ("端口被别的程序占用", "port taken"),
    Exit.DATA_DIR: ("数据目录不能写", "data directory not writable"),
    Exit.DISK_FULL: ("磁盘没有空间", "no disk space"),
    Exit.DATABASE_UNREACHABLE: ("连不上 DATABASE_URL 指的数据库", "DATABASE_URL does not answer"),
    Exit.REDIS_UNREACHABLE: ("连不上 REDIS_URL 指的 Redis", "REDIS_URL does not answer"),
    Exit.DATABASE_NEWER: ("数据库比程序新", "database newer than the code"),
    Exit.MIGRATION_FAILED: ("数据库升级没有成功", "migration failed"),
    Exit.SERVER_FAILED: ("自带的数据库或 Valkey 没有启动成功", "embedded server did not start"),
    Exit.BINARIES: ("找不到或不能用的服务器程序", "server programs missing or unusable"),
    Exit.DEMO_FAILED: ("示范社区没有导入成功", "demo community not loaded"),
    Exit.CHILD_FAILED: ("一个子进程反复退出", "a child process keeps dying"),
    Exit.NOT_CONFIRMED: ("没有确认，什么都没有做", "not confirmed, nothing done"),
    Exit.STOPPED: ("启动途中被 Ctrl-C 停下", "stopped by Ctrl-C before it was up"),
}


class LauncherError(Exception):
    """A failure a person can act on.

    `message_zh` is one plain Chinese sentence, `message_en` a short English one; the command line prints both and ends
    with `exit_code`.
    """

    def __init__(self, message_zh: str, exit_code: Exit, message_en: str = "") -> None:
        super().__init__(message_zh)
        self.message_zh = message_zh
        self.exit_code = exit_code
        self.message_en = message_en or MEANINGS[exit_code][1]
