"""The watcher's side of slow_disk.cpp: how often a program synced, and what the next sync has to wait for."""

import mmap
import pathlib

_SYNCS, _WAITING, _CLOSED, _DELAY = range(4)
_SIZE = 32


class SlowDisk:
    """A board for one program, or for several that share it."""

    def __init__(self, library, path, delay=0):
        self.path = pathlib.Path(path)
        self.path.write_bytes(bytes(_SIZE))
        self.path.chmod(0o666)          # a database server runs as somebody else
        with open(self.path, "r+b") as file:
            self._board = memoryview(mmap.mmap(file.fileno(), _SIZE)).cast("Q")
        self.environment = {"LD_PRELOAD": str(library), "SLOW_DISK": str(self.path)}
        self.delay = delay

    @property
    def syncs(self):
        return self._board[_SYNCS]

    @property
    def waiting(self):
        """How many syncs stand before the closed gate now."""
        return self._board[_WAITING]

    @property
    def delay(self):
        """Microseconds added to every sync."""
        return self._board[_DELAY]

    @delay.setter
    def delay(self, microseconds):
        self._board[_DELAY] = microseconds

    def close_gate(self):
        self._board[_CLOSED] = 1

    def open_gate(self):
        self._board[_CLOSED] = 0
