"""The watcher's side of storage_steps.cpp: which step of a program towards what it keeps is broken, and how."""

import mmap
import pathlib

_STEPS, _FATAL, _FATE, _KINDS, _ERROR, _SEED, _POWER, _LIES, _BROKEN = range(9)
_SIZE = 72

WRITES, TRUNCATIONS, SYNCS, MESSAGES, POST = 1, 2, 4, 8, 16
ALL = WRITES | TRUNCATIONS | SYNCS | MESSAGES | POST
DIES_BEFORE, DIES_AFTER, LOSES_POWER, IS_REFUSED, IS_REFUSED_FROM_NOW_ON = range(1, 6)


class StorageSteps:
    """A board for one program at a time. A loss of power can happen only to one that was started with `power`, and it
    takes back what others wrote to the database meanwhile, too."""

    def __init__(self, library, path, power=False):
        self.path = pathlib.Path(path)
        self.path.write_bytes(bytes(_SIZE))
        with open(self.path, "r+b") as file:
            self._board = memoryview(mmap.mmap(file.fileno(), _SIZE)).cast("Q")
        self._board[_POWER] = power
        self.environment = {"LD_PRELOAD": str(library), "STORAGE_STEPS": str(self.path)}

    @property
    def broke(self):
        """Whether a step was broken since the last arm()."""
        return self._board[_BROKEN] > 0

    def arm(self, number, fate, kinds=ALL, error=0, seed=0):
        """Breaks the step of this number from now on, the first being 1."""
        self.disarm()
        self._board[_FATE], self._board[_ERROR], self._board[_SEED] = fate, error, seed
        self._board[_STEPS], self._board[_BROKEN], self._board[_KINDS] = 0, 0, kinds
        self._board[_FATAL] = number

    def disarm(self):
        self._board[_FATAL] = 0

    def lie(self):
        """From now on, syncs do nothing."""
        self._board[_LIES] = 1
