"""A gateway for text messages: it takes what is posted to it, keeps it, and answers as it is told."""

import http.server
import json
import queue
import socket
import threading

TOKEN = "sesame-of-the-gateway"


class Posted:
    """One request: what was sent, and from where."""

    def __init__(self, handler, body):
        self.method, self.target, self.headers = handler.command, handler.path, handler.headers
        self.body, self.peer = body, handler.client_address

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def key(self):
        return self.headers["Idempotency-Key"]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def take(self):
        length = int(self.headers.get("Content-Length", "0"))
        self.server.gateway.take(Posted(self, self.rfile.read(length)))
        self.answer(self.server.gateway.next_answer())

    do_GET = do_HEAD = do_POST = do_PUT = take

    def answer(self, answer):
        if callable(answer):
            self.close_connection = True
            answer(self)
            return
        status, fields, body = answer if isinstance(answer, tuple) else (answer, {}, b"")
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass    # they hung up

    def log_message(self, *words):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def process_request(self, request, address):
        self.gateway.open.add(request)
        super().process_request(request, address)

    def shutdown_request(self, request):
        self.gateway.open.discard(request)
        super().shutdown_request(request)
        self.gateway.ended.put(request)

    def handle_error(self, request, address):
        pass    # a connection that never came to a request


class Gateway:
    """Listens as long as it is entered. Its answer is a status, or a tuple of status, fields and body, or a function
    that is handed the handler and says something itself, or a list of these, one after the other and then 200."""

    def __init__(self, answer=200, tls=None):
        self.answer, self._tls = answer, tls
        self.posted = []               # every request, in the order they came
        self.ended = queue.Queue()     # a place for each connection that is over
        self.open = set()              # the connections that are not
        self._arrived = threading.Condition()

    def __enter__(self):
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.gateway = self
        if self._tls:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True,
                                                        do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *trouble):
        self._server.shutdown()
        self._thread.join()
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass    # they were first
        self._server.server_close()

    def url(self, path="/send", host="127.0.0.1"):
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def take(self, posted):
        with self._arrived:
            self.posted.append(posted)
            self._arrived.notify_all()

    def next_answer(self):
        with self._arrived:
            if isinstance(self.answer, list):
                return self.answer.pop(0) if self.answer else 200
            return self.answer

    def texts(self, to=None):
        """The messages, each once however often it was posted; those to one number, if one is named."""
        unique = {posted.key: posted.json for posted in self.posted}
        return [text for text in unique.values() if to in (None, text["to"])]

    def wait_for_texts(self, count=1, to=None, seconds=10):
        """The same, once there are so many."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.texts(to)) >= count, seconds):
                raise AssertionError(f"{len(self.texts(to))} of {count} text messages within {seconds} s")
            return self.texts(to)


def code_in(text):
    """The code that a telephone finds: the one of the last line."""
    host, _, code = text["text"].rpartition("\n")[2].partition(" #")
    assert host.startswith("@") and code.isdigit(), text
    return code


def hangs(handler):
    """As an answer: says nothing, and waits for the other side to hang up."""
    handler.connection.recv(1)


def drops(handler):
    """As an answer: hangs up."""


def says(data, then=drops):
    """As an answer: these bytes."""
    def say(handler):
        handler.wfile.write(data)
        then(handler)
    return say
