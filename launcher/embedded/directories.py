"""Directories a server keeps its data in, and what to say when the file system refuses."""

import errno
from pathlib import Path

from launcher.errors import Exit, LauncherError


def make_directory(directory: Path, mode: int) -> None:
    """Make a directory with a mode, and those above it; one that is there keeps the permissions its owner gave it."""
    if not directory.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(mode)


def explained(error: OSError, directory: Path) -> LauncherError:
    """Turn a failure of the file system into a sentence that says what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(directory)
    reason = {errno.EROFS: "是只读的", errno.ENOTDIR: "不是目录", errno.EEXIST: "不是目录"}.get(
        error.errno or 0, "没有写的权限"
    )
    if error.errno in (errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EACCES, errno.EPERM):
        return LauncherError(
            f"数据目录“{directory}”{reason}；请改正权限，或用 DATA_DIR=另一个目录 再试。",
            Exit.DATA_DIR,
            "data directory is not writable",
        )
    return LauncherError(f"读写“{directory}”时出错：{error.strerror or error}。", Exit.DATA_DIR, "file system error")


def disk_full(directory: Path) -> LauncherError:
    """Say that the disk is full, and what to do."""
    return LauncherError(
        f"磁盘没有空间了，写不进“{directory}”；请清理磁盘，或用 DATA_DIR=另一块磁盘上的目录 再试。",
        Exit.DISK_FULL,
        "no space left on device",
    )
