"""An honest partner and an honest browser: session checks and logins, one after the other at an even pace, for so
many seconds. Looks at every answer, and prints how long they took."""

import argparse
import http.client
import json
import threading
import time

LOGIN = "/receiver/APIv3/user.login"


class Client:
    def __init__(self, port, token, cookie, email):
        self.port, self.token, self.cookie, self.email = port, token, cookie, email
        self.line, self.wrong, self.times = None, [], {"session": [], "login": []}

    def ask(self, method, path, body=None, **headers):
        """The answer. That the server has closed a connection between two requests is no fault."""
        fresh = self.line is None
        if fresh:
            self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
            return answer.status, answer.read()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.leave()
            if fresh:
                raise
            return self.ask(method, path, body, **headers)

    def leave(self):
        self.line.close()
        self.line = None

    def check_session(self):
        status, body = self.ask("GET", "/session", Cookie=self.cookie)
        return status == 200 and self.email.encode() in body, status

    def log_in(self):
        user = {"bikePlanCode": "PLAN-A", "firstName": "Jane", "lastName": "Johansson", "email": self.email,
                "language": "EN"}
        status, body = self.ask("POST", LOGIN, json.dumps({"user": user}), Authorization=f"Bearer {self.token}",
                                **{"Content-Type": "application/json"})
        return status == 200 and b"loginUrl" in body, status

    def turn(self, number):
        """A session check or, each fourth time, a login; each tenth time over a connection of its own."""
        what, deed = ("login", self.log_in) if number % 4 == 3 else ("session", self.check_session)
        if number % 10 == 0 and self.line:
            self.leave()
        began = time.monotonic()
        try:
            right, status = deed()
        except (OSError, http.client.HTTPException) as trouble:
            self.line, right, status = None, False, repr(trouble)
        self.times[what].append(time.monotonic() - began)
        if not right:
            self.wrong.append(f"{what}: {status}")


def quantile(times, share):
    ordered = sorted(times)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--port", "--token", "--cookie", "--email"):
        parser.add_argument(name, required=True)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--pace", type=float, default=0.005, help="seconds from one call to the next")
    chosen = parser.parse_args()
    client, never = Client(chosen.port, chosen.token, chosen.cookie, chosen.email), threading.Event()
    began, number = time.monotonic(), 0
    while time.monotonic() - began < chosen.seconds:
        client.turn(number)
        number += 1
        never.wait(max(0, chosen.pace - (time.monotonic() - began) % chosen.pace))
    figures = {f"{what}_{name}": quantile(times, share) for what, times in client.times.items()
               for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1))}
    print(json.dumps({"calls": number, "wrong": client.wrong} | figures))


if __name__ == "__main__":
    main()
