"""Letters on their way to a mail server that is slow, moody, deaf or gone, from a server that is killed meanwhile."""

import collections
import datetime
import email
import email.policy
import http.client
import json
import re
import threading
import unittest

from smtp_server import Script, drops, reads_on
from support import Client, Server, link_in, person, together, token_of, until

DUE = 10        # seconds from the next start until whatever a crash interrupted has left


def read(message):
    return email.message_from_bytes(message, policy=email.policy.default)


def recipient(mail):
    [address] = mail["To"].addresses
    return address.addr_spec


def to_whom(line):
    """The recipient a script has just been told."""
    [command] = [command for command in line.script.commands[-1:] if command.upper().startswith("RCPT TO:")]
    return re.search("<(.*)>", command)[1]


class Posting(unittest.TestCase):
    def script(self, **answers):
        return self.enterContext(Script(answers))

    def start(self, script, **settings):
        """A server that delivers to the script, and its partner's token."""
        server = self.enterContext(Server(mail=script.url(), **settings))
        token = server.partner("alpha", "partner")
        server.plan("PLAN-A", "alpha")
        return server, token

    def made(self, server, token, **changes):
        user = person(**changes)
        answer = server.create(token, user)
        self.assertEqual(answer.status, 201, answer)
        return user["email"]

    def outbox(self, server):
        return json.loads(server.must("outbox", "list", "--json"))

    def letter(self, server, state):
        """The only letter of the outbox, once it has come to this."""
        def found():
            letters = self.outbox(server)
            return len(letters) == 1 and letters[0]["state"] == state and letters[0]
        return until(found, what=f"a letter that is {state}")

    def arrived(self, script, count=1, seconds=DUE):
        """The letters the script has taken or at least read, once there are so many."""
        until(lambda: len(script.messages) >= count, seconds, f"{count} letters")
        return [read(message) for message in list(script.messages)]

    def empty(self, server, seconds=DUE):
        until(lambda: not server.rows("outbox")["outbox"], seconds, "an empty outbox")


class Delivered(Posting):
    def test_every_person_of_a_list_gets_one_letter_of_their_own(self):
        script = self.script()
        server, token = self.start(script)
        users = [person() for _ in range(50)]
        self.assertEqual(server.create(token, users).status, 200)
        self.empty(server)
        mails = [read(message) for message in script.messages]
        self.assertEqual(sorted(map(recipient, mails)), sorted(user["email"] for user in users))
        self.assertEqual(len({mail["Message-ID"] for mail in mails}), 50)
        self.assertEqual(len([command for command in script.commands if command.upper().startswith("RCPT")]), 50)
        browser = Client(server)
        page = browser.get(link_in(mails[0]))
        self.assertEqual(page.status, 200)
        self.assertIn(recipient(mails[0]), page.text)
        self.assertEqual(self.outbox(server), [])

    def test_nobody_who_asks_waits_for_the_mail_server(self):
        script = self.script(greeting=reads_on)
        server, token = self.start(script)
        for _ in range(5):
            self.made(server, token)        # each answer comes long before a letter could leave
        self.assertTrue(server.alive())
        self.assertEqual(len(self.outbox(server)), 5)
        self.assertEqual(script.messages, [])


class Killed(Posting):
    """The program dies at a step of its talk with the mail server, and starts again."""

    def dies(self, place):
        """What came of it: the letters that were read before, those after, and the server."""
        server, told, killed = None, threading.Event(), threading.Event()

        def step(line):
            if killed.is_set():
                line.connection.sendall(said)
                return True
            told.wait(DUE)      # a person who was acknowledged is a promise
            if place.endswith("taken"):
                line.connection.sendall(said)
            server.process.kill()
            server.process.wait()
            killed.set()
            return False
        verb, _, _ = place.partition(" ")
        said = {"greeting": b"220 script\r\n", "EHLO": b"250-script\r\n250 8BITMIME\r\n", "DATA": b"354 go on\r\n",
                "dot": b"250 taken\r\n"}.get(verb, b"250 fine\r\n")
        script = self.script(**{verb: step})
        server, token = self.start(script)
        address = self.made(server, token)
        told.set()
        until(killed.is_set, what=f"the kill at {place}")
        server.kill9()
        before = list(script.messages)
        server.start()
        until(lambda: not server.rows("outbox")["outbox"], DUE, f"the letter after a kill at {place}")
        return address, before, list(script.messages)[len(before):], server

    def test_a_letter_leaves_wherever_its_delivery_was_cut_off_and_all_its_copies_are_known_by_their_id(self):
        places = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot unanswered", "dot taken", "dot taken"]
        outcomes = together(len(places), lambda number, _: self.dies(places[number]))
        for place, (address, before, after, server) in zip(places, outcomes):
            with self.subTest(place):
                self.assertEqual(len(before), 1 if place.startswith("dot") else 0)
                # Told that it was taken, the program may have had the time to note it.
                self.assertIn(len(after), (0, 1) if place == "dot taken" else (1,))
                copies = [read(message) for message in before + after]
                self.assertEqual({recipient(copy) for copy in copies}, {address})
                self.assertEqual(len({copy["Message-ID"] for copy in copies}), 1)
                self.assertEqual(len({token_of(link_in(copy)) for copy in copies}), 1)
                self.assertEqual(json.loads(server.must("user", "show", address, "--json"))["email"], address)

    def killed_under_load(self, number):
        """Kills a server while people are made, at another place for every number."""
        script = self.script()
        server, token = self.start(script)
        told, asked, ended = [], [], threading.Event()

        def create():
            while not ended.is_set():
                users = [person() for _ in range(3)]
                asked.extend(user["email"] for user in users)
                try:
                    answer = server.create(token, users)
                except (OSError, http.client.HTTPException):
                    return
                if answer.status == 200:
                    told.extend(user["email"] for user in users)
        threads = [threading.Thread(target=create) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            # Between the first answer and many letters.
            until(lambda: len(told) >= 3 + 9 * number and len(script.messages) >= 5 * number, what="some letters")
        finally:
            server.kill9()
            ended.set()
            for thread in threads:
                thread.join()
        server.start()
        self.empty(server, 2 * DUE)
        stored = " ".join(server.rows("accounts")["accounts"])
        written = collections.defaultdict(set)
        for mail in map(read, script.messages):
            written[recipient(mail)].add(mail["Message-ID"])
        self.assertLessEqual(set(told), set(written))
        self.assertEqual({address for address in asked if f"'{address}'" in stored}, set(written))
        self.assertEqual({len(ids) for ids in written.values()}, {1}, "copies of a letter that differ in their id")

    def test_whoever_is_stored_is_written_to_and_nobody_else_whenever_the_program_is_killed(self):
        together(4, lambda number, _: self.killed_under_load(number))


class Refused(Posting):
    def test_what_a_mail_server_cannot_take_now_is_tried_again_until_it_can(self):
        script = self.script(RCPT=[b"451 4.3.0 come back\r\n"], dot=[b"452 4.3.1 no room\r\n"])
        server, token = self.start(script)
        first, second = self.made(server, token), self.made(server, token)
        waiting = until(lambda: (found := self.outbox(server)) and len(found) == 2
                        and all(letter["attempts"] == 1 and letter["reason"] for letter in found) and found,
                        what="two letters that wait for their second attempt")
        self.assertEqual({letter["state"] for letter in waiting}, {"waiting"})
        self.assertEqual({letter["to"] for letter in waiting}, {first, second})
        self.assertIn("come back", " ".join(letter["reason"] for letter in waiting))
        self.assertIn("no room", " ".join(letter["reason"] for letter in waiting))
        # A first pause is half a minute, give or take a quarter.
        self.empty(server, 60)
        mails = [read(message) for message in script.messages]
        self.assertEqual({recipient(mail) for mail in mails}, {first, second})
        self.assertEqual(len({mail["Message-ID"] for mail in mails}), 2)

    def test_what_a_mail_server_will_never_take_is_kept_with_its_words_for_an_operator(self):
        script = self.script(RCPT=[b"550-5.1.1 no such\r\n550 5.1.1 mailbox here\r\n"])
        server, token = self.start(script)
        address = self.made(server, token)
        letter = self.letter(server, "dead")
        self.assertEqual((letter["to"], letter["kind"], letter["attempts"]), (address, "welcome-set-password", 1))
        for words in ("550", "mailbox here"):
            self.assertIn(words, letter["reason"])
        self.assertIn("mailbox here", server.must("outbox", "list"))
        # The person is there all the same, and others get their letters.
        server.must("user", "show", address)
        other = self.made(server, token)
        [mail] = self.arrived(script)
        self.assertEqual(recipient(mail), other)
        server.restart()
        self.assertEqual(self.letter(server, "dead")["id"], letter["id"])
        server.must("outbox", "retry")
        self.assertEqual(recipient(self.arrived(script, 2)[1]), address)
        self.empty(server)

    def test_an_operator_may_try_one_letter_again(self):
        script = self.script(dot=[b"554 5.7.1 not today\r\n"] * 2)
        server, token = self.start(script)
        self.made(server, token)
        first = self.letter(server, "dead")
        self.made(server, token)
        until(lambda: [letter["state"] for letter in self.outbox(server)] == ["dead"] * 2, what="two dead letters")
        self.assertIn("not today", first["reason"])
        server.must("outbox", "retry", first["id"])
        mail = self.arrived(script, 3)[2]
        self.assertEqual(recipient(mail), first["to"])
        self.assertIn(first["id"], mail["Message-ID"])
        self.assertEqual(self.letter(server, "dead")["to"] == first["to"], False)
        for nobody in ("no-such-letter", first["id"]):
            outcome = server.command("outbox", "retry", nobody)
            self.assertEqual(outcome.code, 1, outcome)
            self.assertEqual(len(outcome.err.strip().splitlines()), 1)

    def test_a_letter_lost_from_sight_is_not_sent_again_by_itself(self):
        script = self.script(dot=[drops])
        server, token = self.start(script)
        address = self.made(server, token)
        letter = self.letter(server, "unknown")
        self.assertEqual(letter["to"], address)
        self.assertTrue(letter["reason"])
        # Neither a restart nor a crash nor other letters that leave bring it back.
        server.kill9()
        server.restart()
        others = [self.made(server, token) for _ in range(2)]
        mails = self.arrived(script, 3)
        self.assertEqual(sorted(map(recipient, mails)), sorted([address, *others]))
        self.assertEqual(self.letter(server, "unknown")["id"], letter["id"])
        server.must("outbox", "retry", letter["id"])
        copy = self.arrived(script, 4)[3]
        self.assertEqual((recipient(copy), copy["Message-ID"]), (address, mails[0]["Message-ID"]))
        self.empty(server)

    def test_what_waits_for_somebody_blocked_or_deleted_meanwhile_is_withdrawn(self):
        script = self.script(RCPT=[b"550 5.1.1 no such mailbox\r\n"] * 2)
        server, token = self.start(script)
        people = [self.made(server, token) for _ in range(2)]
        until(lambda: [letter["state"] for letter in self.outbox(server)] == ["dead"] * 2, what="two dead letters")
        server.must("user", "delete", people[0])
        server.must("user", "block", people[1])
        server.must("outbox", "retry")
        self.empty(server)
        self.assertEqual(script.messages, [])

    def test_a_link_that_has_expired_is_mailed_to_nobody(self):
        script = self.script(RCPT=[b"451 4.3.0 come back\r\n"])
        server, token = self.start(script, password_link_seconds=2)
        self.made(server, token)
        letter = self.letter(server, "dead")        # its next attempt would be too late
        self.assertIn("come back", letter["reason"])
        # Said in whole seconds.
        expired = datetime.datetime.fromisoformat(letter["expiresAt"]) + datetime.timedelta(seconds=1)
        until(lambda: datetime.datetime.now(datetime.timezone.utc) > expired, what="the end of the link")
        server.must("outbox", "retry", letter["id"])
        until(lambda: "come back" not in self.letter(server, "dead")["reason"], what="a letter that is dead for good")
        self.assertEqual(script.messages, [])

    def test_a_recipient_who_stalls_holds_up_nobody_else(self):
        def stall(line):
            if to_whom(line).startswith("stalled"):
                return reads_on(line)
            line.connection.sendall(b"250 fine\r\n")
            return True
        script = self.script(RCPT=stall)
        server, token = self.start(script)
        users = [person(email=f"stalled.{number}@example.com") for number in range(2)]
        users += [person() for _ in range(40)]
        self.assertEqual(server.create(token, users).status, 200)
        mails = self.arrived(script, 40, 20)
        self.assertEqual(sorted(map(recipient, mails)), sorted(user["email"] for user in users[2:]))
        until(lambda: {letter["to"] for letter in self.outbox(server)} == {user["email"] for user in users[:2]},
              what="an outbox with nobody but those who stall")
        self.made(server, token)
        self.arrived(script, 41)


class Secret(Posting):
    settings = {"log": "debug"}

    def kept(self, server):
        return b"".join(file.read_bytes() for file in sorted(server.folder.glob("onboard.db*")))

    def test_a_letter_that_waits_cannot_be_read_from_the_disk_and_is_gone_when_it_has_left(self):
        script = self.script(dot=[b"554 5.7.1 not today\r\n"])
        server, token = self.start(script, **self.settings)
        self.made(server, token)
        self.letter(server, "dead")
        link = token_of(link_in(read(script.messages[0])))
        listed = server.must("outbox", "list", "--json") + server.must("outbox", "list")
        for secret in (link, link[:22], link[-22:]):
            self.assertNotIn(secret.encode(), self.kept(server))
            self.assertNotIn(secret, listed)
            self.assertNotIn(secret, "\n".join(server.lines))
        server.must("outbox", "retry")
        self.empty(server)
        self.assertEqual(token_of(link_in(self.arrived(script, 2)[1])), link)
        self.assertNotIn(link.encode(), self.kept(server))

    def test_a_mail_server_that_repeats_the_letter_in_its_refusal_puts_no_secret_on_record(self):
        def echo(line):
            link = link_in(read(line.script.messages[-1]))
            line.connection.sendall(f"554 5.7.1 {link} looks bad, {token_of(link)} too\r\n".encode())
            return True
        script = self.script(dot=[echo])
        server, token = self.start(script, **self.settings)
        self.made(server, token)
        letter = self.letter(server, "dead")
        link = token_of(link_in(read(script.messages[0])))
        self.assertIn("looks bad", letter["reason"])
        self.assertNotIn(link, letter["reason"])
        self.assertNotIn(link, "\n".join(server.lines))
        self.assertNotIn(link.encode(), self.kept(server))


if __name__ == "__main__":
    unittest.main()
