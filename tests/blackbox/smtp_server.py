"""Mail servers to deliver to, good ones and bad ones, and the program that delivers."""

import asyncio
import json
import os
import queue
import select
import socket
import ssl
import subprocess
import threading

from aiosmtpd.smtp import SMTP, AuthResult

PROBE = os.environ.get("SMTP_PROBE")
FROM = "onboard@example.org"
JANE = "jane@example.com"
MESSAGE = f"From: <{FROM}>\r\nTo: <{JANE}>\r\nSubject: Hello\r\n\r\nHello Jane\r\n"


class Outcome:
    """What became of a letter: "taken", "failure", "refused" or "unknown", and the words for it."""

    def __init__(self, outcome, text):
        self.outcome, self.text = outcome, text

    def __repr__(self):
        return f"{self.outcome}: {self.text}"


class Probe:
    """The delivering program, with one connection that it keeps as it likes."""

    def __init__(self, url, tls="if-offered", connect=10, letter=60, **variables):
        words = [PROBE, url, FROM, tls, str(int(1000 * connect)), str(int(1000 * letter))]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT")}
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=inherited | variables)

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        self.close()

    def order(self, **order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise AssertionError(f"the probe ended with {self.process.wait(10)}")
        return Outcome(**json.loads(answer))

    def letter(self, to=JANE, **order):
        """Has a letter worded and delivered."""
        return self.order(to=to, **order)

    def message(self, message=MESSAGE, to=JANE, **order):
        """Has a message delivered as it is."""
        return self.order(to=to, message=message, **order)

    def peak(self):
        """The most memory it ever had, in bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            [line] = [line for line in status if line.startswith("VmHWM:")]
        return 1024 * int(line.split()[1])

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        code = self.process.wait(20)
        if code != 0:
            raise AssertionError(f"the probe ended with {code}")


class Sink:
    """A server as they should be, of somebody else's making. It keeps what it is given."""

    def __init__(self, password=None, tls=None, **features):
        self.envelopes, self.peers, self.sign_ins = [], set(), []
        self._password = password
        if password is not None:
            features |= {"authenticator": self._authenticate, "auth_required": True,
                         "auth_require_tls": features.get("auth_require_tls", False)}
        if tls:
            features |= {"tls_context": tls, "require_starttls": True}
        self._features = {"enable_SMTPUTF8": False} | features

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(self._loop.create_server(
            lambda: SMTP(self, hostname="sink", loop=self._loop, **self._features), "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        return self

    def __exit__(self, *trouble):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self):
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def url(self, user="", host="127.0.0.1"):
        return f"smtp://{user}{host}:{self.port}"

    def _authenticate(self, server, session, envelope, mechanism, data):
        self.sign_ins.append((mechanism, data.login.decode(), data.password.decode()))
        return AuthResult(success=self.sign_ins[-1][1:] == self._password, handled=False)

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        self.peers.add(session.peer)
        return "250 taken"


def reads_on(line):
    """For a script: says nothing more, and waits for the other side to hang up."""
    while line.connection.recv(65536):
        pass
    return False


def drops(line):
    return False


def resets(line):
    """For a script: hangs up without a goodbye."""
    line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    return False


def half_closes(line):
    line.connection.shutdown(socket.SHUT_WR)
    return reads_on(line)


def dribbles(text):
    """For a script: says this a byte at a time, until the other side has had enough."""
    def dribble(line):
        for byte in text:
            readable, _, _ = select.select([line.connection], [], [], 0.1)
            if readable:
                return False
            line.connection.sendall(bytes([byte]))
        return reads_on(line)
    return dribble


class _Line:
    """One connection to a script."""

    def __init__(self, connection, script):
        self.connection, self.script, self._received = connection, script, b""

    def read_to(self, end):
        while end not in self._received:
            more = self.connection.recv(65536)
            if not more:
                return None
            self._received += more
        found, _, self._received = self._received.partition(end)
        return found

    def answer(self, verb):
        """False if that was the end."""
        answer = self.script.answers.get(verb, _POLITE.get(verb, b"500 what?\r\n"))
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else _POLITE[verb]
        self.refused = not callable(answer) and answer[:1] in b"45"
        if callable(answer):
            return answer(self)
        self.connection.sendall(answer)
        return True

    def wrap(self):
        self.connection = self.script.tls.wrap_socket(self.connection, server_side=True)

    def hang_up(self):
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass    # they were first

    def talk(self):
        if not self.answer("greeting"):
            return
        while (command := self.read_to(b"\r\n")) is not None:
            self.script.commands.append(command.decode("utf-8", "replace"))
            verb = command.split(b" ")[0].decode("ascii", "replace").upper()
            if not self.answer(verb) or verb == "QUIT":
                return
            if verb == "STARTTLS" and self.script.tls:
                self.wrap()
            if verb == "DATA" and not self.refused and not self.take_message():
                return

    def take_message(self):
        message = self.read_to(b"\r\n.\r\n")
        if message is None:
            return False
        self.script.messages.append(message + b"\r\n")
        return self.answer(".")


_POLITE = {"greeting": b"220 script\r\n", "EHLO": b"250-script\r\n250-8BITMIME\r\n250 SIZE 10000000\r\n",
           "HELO": b"250 script\r\n", "STARTTLS": b"220 go on\r\n", "AUTH": b"235 welcome\r\n",
           "MAIL": b"250 fine\r\n", "RCPT": b"250 fine\r\n", "DATA": b"354 go on\r\n", ".": b"250 taken\r\n",
           "QUIT": b"221 bye\r\n"}


class Script:
    """A server that answers as it is told: to each verb, to the "greeting" and to the message ".". An answer is what
    is said, or a function that says it and tells whether to go on, or a list of answers, one after the other. It
    keeps everything it is told."""

    def __init__(self, answers=None, tls=None, implicit=False, **more):
        self.answers = {verb.replace("dot", "."): answer for verb, answer in ((answers or {}) | more).items()}
        self.tls, self._implicit = tls, implicit
        self.commands, self.messages, self.connections, self._open = [], [], 0, set()
        self.ended = queue.Queue()    # a place for each connection that is over

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()
        return self

    def __exit__(self, *trouble):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in list(self._open):
            line.hang_up()
        self._thread.join()

    def url(self, user="", host="127.0.0.1", scheme="smtp"):
        return f"{scheme}://{user}{host}:{self.port}"

    def verbs(self):
        return [command.split(" ")[0] for command in self.commands]

    def _accept(self):
        threads = []
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                break
            self.connections += 1
            threads.append(threading.Thread(target=self._serve, args=(connection,)))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def _serve(self, connection):
        connection.settimeout(30)
        line = _Line(connection, self)
        self._open.add(line)
        try:
            if self._implicit:
                line.wrap()
            line.talk()
        except (OSError, ssl.SSLError):
            pass    # they hung up
        finally:
            self._open.discard(line)
            line.connection.close()
            self.ended.put(line)


class Authority:
    """Certificates of a maker of our own."""

    def __init__(self, folder, name="authority"):
        self._folder, self._name = folder, name
        self.certificate, self._key = f"{folder}/{name}.pem", f"{folder}/{name}.key"
        self._run("req", "-x509", "-days", "2", "-subj", f"/CN={name}", *self._new(self._key), "-out",
                  self.certificate)

    def context(self, host="DNS:localhost,IP:127.0.0.1", **limits):
        """What a server needs to be this host."""
        certificate, key = (f"{self._folder}/{self._name}-of-somebody.{end}" for end in ("pem", "key"))
        self._run("req", "-x509", "-days", "2", "-subj", "/CN=somebody", *self._new(key), "-CA", self.certificate,
                  "-CAkey", self._key, "-addext", f"subjectAltName={host}", "-addext",
                  "basicConstraints=critical,CA:FALSE", "-out", certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        for name, value in limits.items():
            setattr(context, name, value)
        return context

    @staticmethod
    def _new(key):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key

    @staticmethod
    def _run(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
