"""Clients that write down what they asked for and what they were told, for history.py to judge."""

import http.client
import random
import threading
import time

from history import OK, REFUSED, UNKNOWN, History
from support import CREATE, LOGIN, REDEEM, Client, bearer, code_in_text, fresh_email, fresh_phone, link_in, person, \
    token_of, until

PASSWORD = "velvet otter plays 7 quiet drums"
LIFE = 600      # of a login link; long, unless a test is about its end
ROOMY = {"login_link_seconds": LIFE, "otp_seconds": 600, "otp_pause_seconds": 0, "otp_per_hour": 100000,
         "otp_per_day": 100000, "sms_per_day": 1000000, "sign_in_per_address_per_minute": 1000000}


class Site:
    """A server, its partners, and the people whom everybody knows of."""

    def __init__(self, server):
        self.server, self.history = server, History()
        self.life = server.settings.get("login_link_seconds", 300)
        self.alpha = server.partner("alpha", "partner", "redeem")
        self.telephones = server.partner("telephones", "sso")
        server.plan("PLAN-A", "alpha")
        self.emails, self.links, self.sessions = [], [], []     # the newest last
        self._invited, self._coded, self._lock = [], [], threading.Lock()

    def invited(self, player):
        """Somebody new, and the link to set a password that was mailed to them."""
        with self._lock:
            if not self._invited:
                emails = [fresh_email("invited") for _ in range(25)]
                player.create(emails)
                self._invited.extend(until(lambda: self.welcomes(emails), 20, "the welcome letters"))
            return self._invited.pop()

    def welcomes(self, emails):
        found = [(str(mail["To"]), link_in(mail)) for mail in self.server.mails()
                 if mail["X-Onboard-Letter"] == "welcome-set-password" and str(mail["To"]) in emails]
        return len(found) == len(emails) and found

    def coded(self, player):
        """A number that nobody is registered with, and the code that was sent to it."""
        with self._lock:
            if not self._coded:
                phones = [fresh_phone() for _ in range(25)]
                for phone in phones:
                    player.send_code(phone)
                self._coded.extend(until(lambda: self.codes(phones), 20, "the codes"))
            return self._coded.pop()

    def codes(self, phones):
        found = [(text["to"], code_in_text(text)) for text in self.server.texts() if text["to"] in phones]
        return len(found) == len(phones) and found


class Player:
    """One client. Each call is an operation of the history, and is returned."""

    def __init__(self, site, process=0):
        self.site, self.process = site, process

    def do(self, name, send, tell=lambda answer: {}, **arguments):
        operation = self.site.history.begin(self.process, name, **arguments)
        try:
            answer = send()
        except (OSError, http.client.HTTPException):
            return operation
        operation.told = {"status": answer.status, "retry_after": answer["Retry-After"]}
        if answer.status < 400:
            operation.told |= tell(answer)
            operation.outcome = OK
        elif answer.status < 500:
            operation.outcome = REFUSED
        operation.end = time.time()
        return operation

    def login(self, email, key=None, **more):
        user = person(email=email, partner_PersonID=f"id of {email}", **more)
        operation = self.do("login", lambda: self.post(LOGIN, {"user": user}, self.site.alpha, key), self.tell_login,
                            email=email, key=key)
        if operation.outcome == OK:
            self.site.emails.append(email)
            self.site.links.append((operation.told["link"], email))
        return operation

    def tell_login(self, answer):
        return {"link": token_of(answer.url), "life": self.site.life}

    def create(self, emails, key=None, **more):
        users = [person(email=email, partner_PersonID=f"id of {email}", **more) for email in emails]
        operation = self.do("create", lambda: self.post(CREATE, {"user": users}, self.site.alpha, key),
                            lambda answer: {"results": [result["status"] for result in answer.json["results"]]},
                            emails=emails, key=key)
        if operation.outcome == OK:
            self.site.emails.extend(email for email, status in zip(emails, operation.told["results"]) if status < 300)
        return operation

    def redeem(self, link, email):
        return self.do("redeem", lambda: self.post(REDEEM, {"token": link}, self.site.alpha), link=link, email=email)

    def follow(self, link, email):
        operation = self.do("follow", lambda: Client(self.site.server).get(f"/login/{link}"),
                            lambda answer: {"session": answer.cookies["onboard"][0]}, link=link, email=email)
        if operation.outcome == OK:
            self.site.sessions.append((operation.told["session"], email))
        return operation

    def session(self, session, email):
        return self.do("session", lambda: Client(self.site.server).get("/session", Cookie=f"onboard={session}"),
                       session=session, email=email)

    def forgot(self, email):
        return self.do("forgot", lambda: self.fill_in("/forgot-password", email=email), email=email)

    def set_password(self, link, email, password=PASSWORD):
        return self.do("set_password", lambda: self.fill_in(link, password=password), link=token_of(link),
                       email=email, password=password)

    def sign_in(self, email, password=PASSWORD):
        return self.do("sign_in", lambda: self.fill_in("/sign-in", email=email, password=password), email=email,
                       password=password)

    def send_code(self, phone):
        return self.do("send_code", lambda: self.post("/sso/sms", {"telephone": phone}, self.site.telephones),
                       phone=phone)

    def sign_up(self, phone, code):
        body = {"telephone": phone, "code": code, "agb": True, "dataprotection": True}
        return self.do("sign_up", lambda: self.post("/sso/auth", body, self.site.telephones),
                       lambda answer: {"is_new": answer.json["isNew"]}, phone=phone, code=code)

    def block(self, email):
        """By the operator: not while a loss of power may take back what others wrote."""
        operation = self.site.history.begin(self.process, "block", email=email)
        if self.site.server.command("user", "block", email).code == 0:
            operation.outcome, operation.end = OK, time.time()
        return operation

    def post(self, path, body, token, key=None):
        return Client(self.site.server).post(path, body, bearer(token) | ({"Idempotency-Key": key} if key else {}))

    def fill_in(self, page, **answers):
        browser = Client(self.site.server)
        form = browser.get(page)
        return browser.submit(form, **answers) if form.status == 200 else form


class Crowd:
    """Clients who all want something of the same people at the same time, until they are told to end or the server
    has died."""

    def __init__(self, site, seed, clients=4):
        self.site, self.ended, self.troubles = site, threading.Event(), []
        self.threads = [threading.Thread(target=self.run, args=(number, random.Random(seed + number)))
                        for number in range(clients)]
        for thread in self.threads:
            thread.start()

    def run(self, number, dice):
        player = Player(self.site, number)
        try:
            while not self.ended.is_set() and self.site.server.process.poll() is None:
                if self.act(player, dice).outcome == UNKNOWN:
                    self.ended.wait(0.01)
        except Exception as trouble:
            self.troubles.append(trouble)

    def act(self, player, dice):
        site = self.site
        recent, links, sessions = site.emails[-20:] or [fresh_email()], site.links[-8:], site.sessions[-20:]
        choice = dice.randrange(20)
        if choice < 5 or choice < 10 and not links:
            email = fresh_email()
            return player.login(email, dice.choice((None, f"key-of-{email}")))
        if choice < 9:
            return dice.choice((player.redeem, player.follow))(*dice.choice(links))
        if choice < 11:
            return player.session(*dice.choice(sessions)) if sessions else player.login(fresh_email())
        if choice < 14:
            return player.login(dice.choice(recent))
        if choice < 15:
            email = dice.choice(recent)
            return player.login(email, f"again-{email}")
        if choice < 17:
            return player.create([fresh_email() for _ in range(dice.randrange(1, 4))])
        if choice < 18:
            return player.create([dice.choice(recent)])
        if choice < 19:
            return player.send_code(fresh_phone())
        return player.forgot(dice.choice(recent))

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        if self.troubles:
            raise self.troubles[0]
