"""A wire between a server of ours and PostgreSQL that can be cut, reset, or fall silent, and that knows a commit when
it sees one."""

import contextlib
import enum
import select
import socket
import struct
import threading


class Cut(enum.Enum):
    """What becomes of the next commit."""

    BEFORE = 1      # it does not arrive
    AFTER = 2       # it is done, and its answer is lost


class Proxy:
    """Listens on 127.0.0.1, and carries to the PostgreSQL whose socket is in the folder."""

    def __init__(self, folder):
        self.folder = folder
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.next_commit = None     # a Cut, for one commit
        self.commits_cut = 0
        self._flowing = threading.Event()
        self._flowing.set()
        self._wires, self._lock = [], threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        self.flow()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut_all()

    def hold(self):
        """From now on nothing comes through, and nobody is told."""
        self._flowing.clear()

    def flow(self):
        self._flowing.set()

    def cut_all(self, reset=False):
        """Ends every connection there is."""
        with self._lock:
            wires, self._wires = self._wires, []
        for wire in wires:
            wire.cut(reset)

    def take_commit(self):
        """How this commit is cut, if it is."""
        with self._lock:
            cut, self.next_commit = self.next_commit, None
            self.commits_cut += cut is not None
        return cut

    def pass_on(self, receiver, some):
        self._flowing.wait()
        receiver.sendall(some)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            if server.connect_ex(f"{self.folder}/.s.PGSQL.5432") != 0:
                server.close()
                client.close()
                continue
            with self._lock:
                self._wires.append(Wire(self, client, server))


class Wire:
    """One connection."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.statements, self.rest, self.started = {}, b"", False
        self.deaf = self.over = False       # deaf: the answer is lost that comes next
        for run in (self._upstream, self._downstream):
            threading.Thread(target=run, daemon=True).start()

    def cut(self, reset=False):
        self.over = True
        with contextlib.suppress(OSError):
            if reset:
                self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                self.client.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)

    def _upstream(self):
        with contextlib.suppress(OSError):
            while some := self._from_client():
                cut = self.proxy.take_commit() if self._commits(some) else None
                if cut is Cut.BEFORE:
                    break
                self.deaf = self.deaf or cut is Cut.AFTER
                self.proxy.pass_on(self.server, some)
        self.cut()
        self.client.close()
        self.server.close()

    def _from_client(self):
        """Nothing once all is over: to wait for a byte would keep the connection from being reset."""
        while not self.over:
            if select.select([self.client], [], [], 0.02)[0]:
                return self.client.recv(65536)
        return b""

    def _downstream(self):
        with contextlib.suppress(OSError):
            while (some := self.server.recv(65536)) and not self.deaf:
                self.proxy.pass_on(self.client, some)
        self.cut()

    def _commits(self, some):
        """Whether these bytes of the client ask for a commit. A statement is named once, then called by its name."""
        self.rest += some
        found = False
        while message := self._message():
            kind, body = message
            if kind == b"P":
                name, query, _ = body.split(b"\0", 2)
                self.statements[name] = query
            elif kind == b"B":
                _, name, _ = body.split(b"\0", 2)
                found = found or self.statements.get(name) == b"COMMIT"
        return found

    def _message(self):
        """(kind, body) of the next whole message; the first has no kind."""
        start = 1 if self.started else 0
        if len(self.rest) < start + 4:
            return None
        size = struct.unpack("!I", self.rest[start:start + 4])[0]
        if len(self.rest) < start + size:
            return None
        kind, body = self.rest[:start], self.rest[start + 4:start + size]
        self.rest = self.rest[start + size:]
        self.started = self.started or body[:4] == b"\0\x03\0\0"      # and not a question for TLS
        return kind, body
