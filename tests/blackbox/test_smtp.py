"""Delivery to mail servers as they are: good ones, strict ones, broken ones, and those who only pretend."""

import email
import email.policy
import ssl
import tempfile
import time
import unittest

from smtp_server import (FROM, JANE, MESSAGE, Authority, Probe, Script, Sink, dribbles, drops, half_closes,
                         reads_on, resets)

SHORT = {"connect": 1, "letter": 1.5}
VERBS = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", ".")
AT_THE_LETTER = ("MAIL", "RCPT", "DATA", ".")


class SmtpTest(unittest.TestCase):
    def given(self, thing):
        return self.enterContext(thing)

    def deliver(self, server, tls="if-offered", user="", times=None, **order):
        """The outcome of one message, by a program of its own."""
        with Probe(server.url(user), tls, **(times or {})) as probe:
            return probe.message(**order)

    def assert_outcome(self, outcome, kind, *words):
        self.assertEqual(outcome.outcome, kind, outcome)
        for word in words:
            self.assertIn(word, outcome.text)
        self.assertLess(len(outcome.text), 600)
        self.assertTrue(outcome.text.isascii() and outcome.text.isprintable() or kind == "taken", outcome)


class Accepted(SmtpTest):
    def test_a_letter_arrives_as_it_was_written(self):
        sink = self.given(Sink())
        outcome = self.given(Probe(sink.url())).letter(first_name="Zoë", secret="042917", id="some-id")
        self.assert_outcome(outcome, "taken")
        [envelope] = sink.envelopes
        self.assertEqual((envelope.mail_from, envelope.rcpt_tos), (FROM, [JANE]))
        raw = envelope.original_content
        self.assertEqual(raw.count(b"\n"), raw.count(b"\r\n"))
        self.assertEqual(raw.count(b"\r"), raw.count(b"\r\n"))
        self.assertLessEqual(max(map(len, raw.split(b"\r\n"))), 998)
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self.assertEqual(message.keys(), ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version",
                                          "Auto-Submitted", "X-Onboard-Letter", "Content-Type"])
        self.assertEqual(message["To"].addresses[0].addr_spec, JANE)
        self.assertEqual(message["Message-ID"], "<some-id@example.org>")
        text = message.get_body(("plain",)).get_content()
        self.assertIn("Zoë", text)
        self.assertIn("042917", text)

    def test_lines_that_begin_with_dots_keep_them(self):
        body = ".\r\n..\r\nno dot\r\n.one\r\n...three\r\n"
        for why, message in (("within", f"Subject: x\r\n\r\n{body}end\r\n"), ("last", f"Subject: x\r\n\r\n{body}"),
                             ("first", body), ("alone", ".\r\n")):
            with self.subTest(why), Sink() as sink, Script() as script:
                self.assert_outcome(self.deliver(sink, message=message), "taken")
                self.assertEqual([envelope.original_content for envelope in sink.envelopes], [message.encode()])
                self.assert_outcome(self.deliver(script, message=message), "taken")
                self.assertEqual(script.messages, [message.replace("\r\n.", "\r\n..").encode()
                                                   if not message.startswith(".")
                                                   else b"." + message.replace("\r\n.", "\r\n..").encode()])

    def test_a_secret_that_would_end_a_message_does_not(self):
        for secret in (".", "\r\n.\r\n", "\n.\n", "\r.\r", "\r\n.\nMAIL FROM:<eve@example.com>\r\n"):
            with self.subTest(repr(secret)), Script() as script, Probe(script.url()) as probe:
                self.assert_outcome(probe.letter(secret=secret), "taken")
                self.assertEqual(len(script.messages), 1)
                self.assertEqual(script.verbs()[:4], ["EHLO", "MAIL", "RCPT", "DATA"])
                self.assertNotIn(b"\n.", script.messages[0])

    def test_a_hostile_name_begins_no_field(self):
        sink = self.given(Sink())
        probe = self.given(Probe(sink.url()))
        for name in ("Velo\r\nBcc: eve@example.com", "Velo\u2028Bcc: eve@example.com", "=?utf-8?q?=0D=0ABcc:_eve?=",
                     "Velo%0d%0aBcc: eve@example.com"):
            with self.subTest(repr(name)):
                self.assert_outcome(probe.letter(partner=name, first_name=name), "taken")
                envelope = sink.envelopes.pop()
                self.assertEqual(envelope.rcpt_tos, [JANE])
                message = email.message_from_bytes(envelope.original_content)
                self.assertEqual(len(message.keys()), 9)
                self.assertNotIn("Bcc", message)

    def test_we_greet_by_the_name_of_the_sender(self):
        script = self.given(Script())
        self.deliver(script)
        self.assertEqual(script.commands[0], "EHLO example.org")

    def test_one_connection_carries_many_letters(self):
        sink = self.given(Sink())
        probe = self.given(Probe(sink.url()))
        for _ in range(5):
            self.assert_outcome(probe.letter(), "taken")
        self.assertEqual((len(sink.envelopes), len(sink.peers)), (5, 1))

    def test_a_connection_that_was_closed_meanwhile_is_made_again(self):
        def says_and_closes(line):
            line.connection.sendall(b"250 taken\r\n")
            return False

        for why, answers in (("closed", {".": [says_and_closes]}),
                             ("said goodbye", {"MAIL": [b"250 fine\r\n", b"421 too long idle\r\n"]})):
            with self.subTest(why), Script(answers) as script, Probe(script.url()) as probe:
                self.assert_outcome(probe.message(), "taken")
                if why == "closed":
                    script.ended.get(timeout=10)
                self.assert_outcome(probe.message(), "taken")
                self.assertEqual((len(script.messages), script.connections), (2, 2))

    def test_a_letter_follows_one_that_was_refused(self):
        script = self.given(Script({"RCPT": [b"550 no such user\r\n"]}))
        probe = self.given(Probe(script.url()))
        self.assert_outcome(probe.message(), "refused", "no such user")
        self.assert_outcome(probe.message(), "taken")

    def test_every_kind_of_yes_is_one(self):
        for yes in (b"250 taken\r\n", b"250\r\n", b"250-taken\r\n250 indeed\r\n", b"251 forwarded\r\n",
                    b"252 cannot tell\r\n", b"200 old\r\n"):
            with self.subTest(yes), Script(dot=yes) as script, Probe(script.url()) as probe:
                self.assert_outcome(probe.message(), "taken")
                self.assert_outcome(probe.message(), "taken")
        for yes in (b"251 forwarded\r\n", b"252 cannot tell\r\n"):
            with self.subTest(yes), Script(RCPT=yes) as script:
                self.assert_outcome(self.deliver(script), "taken")

    def test_a_server_that_knows_no_ehlo_is_greeted_the_old_way(self):
        script = self.given(Script(EHLO=b"502 what?\r\n"))
        self.assert_outcome(self.deliver(script), "taken")
        self.assertEqual(script.verbs()[:3], ["EHLO", "HELO", "MAIL"])

    def test_neither_proxies_nor_other_settings_of_the_environment_matter(self):
        sink = self.given(Sink())
        probe = self.given(Probe(sink.url(), ALL_PROXY="http://127.0.0.1:1", all_proxy="socks5://127.0.0.1:1",
                                 smtp_proxy="http://127.0.0.1:1"))
        self.assert_outcome(probe.letter(), "taken")


class Answered(SmtpTest):
    def test_what_is_temporary_is_tried_again(self):
        for verb in VERBS:
            for answer in (b"421 closing\r\n", b"451 4.3.0 later\r\n", b"450-more\r\n450 lines\r\n"):
                if verb == "EHLO" and answer[:3] == b"421":
                    continue    # we then try HELO
                with self.subTest(verb, answer=answer), Script({verb: answer, "HELO": answer}) as script:
                    self.assert_outcome(self.deliver(script), "failure", answer[:3].decode())

    def test_what_is_permanent_is_the_letters_fault_only_where_it_is_about_the_letter(self):
        for verb in VERBS:
            with self.subTest(verb), Script({verb: b"550 5.7.1 go away\r\n", "HELO": b"550 go away\r\n"}) as script:
                kind = "refused" if verb in AT_THE_LETTER else "failure"
                self.assert_outcome(self.deliver(script), kind, "550", "go away", f"127.0.0.1:{script.port}")
                self.assertEqual(script.messages, [] if verb != "." else [MESSAGE.encode()])

    def test_who_must_sign_in_first_is_told_so_whenever_it_is(self):
        for verb in AT_THE_LETTER:
            with self.subTest(verb), Script({verb: b"530 5.7.0 Authentication required\r\n"}) as script:
                self.assert_outcome(self.deliver(script), "failure", "530", "see user and password")

    def test_the_servers_words_are_bounded_and_plain(self):
        for words in (b"\x1b[31mred\x07\x00", b"caf\xe9 \xff\xfe", "где".encode(), b"x" * 5000,
                      b"a\rb\tc", b"%s%n{}{0}"):
            with self.subTest(words), Script(RCPT=b"550 " + words + b"\r\n") as script:
                self.assert_outcome(self.deliver(script), "refused", "550")

    def test_all_lines_of_an_answer_are_told(self):
        script = self.given(Script(RCPT=b"550-5.1.1 The account\r\n550-5.1.1 that you tried\r\n550 5.1.1 is not\r\n"))
        self.assert_outcome(self.deliver(script), "refused", "The account 5.1.1 that you tried 5.1.1 is not")

    def test_nothing_that_a_server_repeats_gets_into_the_words(self):
        answers = {"RCPT": f"550 <{JANE}> and 042917 are unknown\r\n".encode()}
        script = self.given(Script(answers))
        outcome = self.deliver(script, secret="042917")
        self.assert_outcome(outcome, "refused", "are unknown")
        self.assertNotIn(JANE, outcome.text)
        self.assertNotIn("042917", outcome.text)

    def test_an_answer_that_makes_no_sense_leaves_it_open(self):
        for answer in (b"354 go on\r\n", b"999 what\r\n", b"100 hm\r\n"):
            with self.subTest(answer), Script(dot=answer) as script:
                self.assert_outcome(self.deliver(script, times=SHORT), "unknown")

    def test_nobody_there_is_a_failure(self):
        with Script() as script:
            url = script.url()
        with Probe(url) as probe:
            self.assert_outcome(probe.message(), "failure", "cannot reach")
        with Probe("smtp://nowhere.invalid", "required") as probe:
            self.assert_outcome(probe.message(), "failure", "cannot reach nowhere.invalid:587")


class Cut(SmtpTest):
    def test_a_line_cut_before_the_message_is_a_failure(self):
        for how in (drops, resets, half_closes):
            for verb in VERBS[:-1]:
                with self.subTest(verb, how=how.__name__), Script({verb: how, "HELO": how}) as script:
                    self.assert_outcome(self.deliver(script), "failure")
                    self.assertEqual(script.connections, 1)

    def test_a_line_cut_within_the_message_is_a_failure(self):
        def cuts(line):
            line.connection.sendall(b"354 go on\r\n")
            line.connection.recv(10)
            return resets(line)

        script = self.given(Script(DATA=cuts))
        message = "Subject: x\r\n\r\n" + 20000 * (76 * "x" + "\r\n") + 8000000 * "y" + "\r\n"
        self.assert_outcome(self.deliver(script, message=message), "failure")

    def test_a_line_cut_after_the_message_leaves_it_open(self):
        for how in (drops, resets, half_closes):
            with self.subTest(how.__name__), Script(dot=how) as script:
                self.assert_outcome(self.deliver(script), "unknown", "did not say whether")
                self.assertEqual(script.connections, 1)

    def test_an_answer_cut_short_leaves_it_open(self):
        for said in (b"2", b"250", b"250-taken\r\n", b"250 taken"):
            def says(line, said=said):
                line.connection.sendall(said)
                return False

            with self.subTest(said), Script(dot=says) as script:
                self.assert_outcome(self.deliver(script), "unknown")


class Slow(SmtpTest):
    def assert_quick(self, since):
        self.assertLess(time.monotonic() - since, 8)

    def test_a_server_that_stands_still_is_left(self):
        for verb in VERBS:
            with self.subTest(verb), Script({verb: reads_on}) as script:
                since = time.monotonic()
                self.assert_outcome(self.deliver(script, times=SHORT), "unknown" if verb == "." else "failure")
                self.assert_quick(since)

    def test_a_server_that_stands_still_on_a_kept_line_is_left(self):
        script = self.given(Script(MAIL=[b"250 fine\r\n", reads_on, reads_on, reads_on]))
        probe = self.given(Probe(script.url(), **SHORT))
        self.assert_outcome(probe.message(), "taken")
        since = time.monotonic()
        self.assert_outcome(probe.message(), "failure")
        self.assert_quick(since)

    def test_an_answer_a_byte_at_a_time_is_not_waited_for(self):
        for verb in VERBS:
            slow = dribbles(b"250-" + b"x" * 200 + b"\r\n")
            with self.subTest(verb), Script({verb: slow}) as script:
                since = time.monotonic()
                self.assert_outcome(self.deliver(script, times=SHORT), "unknown" if verb == "." else "failure")
                self.assert_quick(since)

    def test_nobody_waits_for_a_goodbye(self):
        for why, answers, kind in (("after a refusal", {"RCPT": b"550 no\r\n"}, "refused"), ("at the end", {}, "taken")):
            with self.subTest(why), Script(answers | {"QUIT": reads_on}) as script:
                since = time.monotonic()
                self.assert_outcome(self.deliver(script), kind)
                self.assert_quick(since)

    def test_endless_answers_take_neither_memory_nor_time(self):
        def endless(piece):
            def says(line):
                for _ in range(10 * 2**20 // len(piece)):
                    line.connection.sendall(piece)
                line.connection.sendall(b"\r\n250 fine\r\n")
                return reads_on(line)
            return says

        with Script() as script, Probe(script.url()) as probe:
            probe.message()
            usual = probe.peak()
        for verb in VERBS:
            for what, piece in (("one line", b"x" * 65536), ("lines", b"250-" + b"x" * 60 + b"\r\n"),
                                ("binary", bytes(range(256)) * 256), ("line ends", b"\r\n" * 32768)):
                with self.subTest(verb, what=what), Script({verb: endless(piece)}) as script, \
                        Probe(script.url(), **SHORT) as probe:
                    since = time.monotonic()
                    outcome = probe.message()
                    self.assertIn(outcome.outcome, ("failure", "refused", "unknown", "taken"), outcome)
                    self.assert_quick(since)
                    self.assertLess(probe.peak() - usual, 6 * 2**20)


class SignedIn(SmtpTest):
    URL_USER, PAIR = "me%40example:p%3Ass%2Fw%20%C3%B6rd@", ("me@example", "p:ss/w örd")

    def test_the_right_password_lets_us_in(self):
        for excluded, mechanism in ((["LOGIN"], "PLAIN"), (["PLAIN"], "LOGIN")):
            with self.subTest(mechanism), Sink(self.PAIR, auth_exclude_mechanism=excluded) as sink:
                self.assert_outcome(self.deliver(sink, user=self.URL_USER), "taken")
                self.assertEqual(sink.sign_ins, [(mechanism, *self.PAIR)])

    def test_the_wrong_password_is_for_the_operator(self):
        sink = self.given(Sink(("me", "other")))
        outcome = self.deliver(sink, user="me:hunter2@")
        self.assert_outcome(outcome, "failure", "535", "see user and password in the setting mail")
        self.assertNotIn("hunter2", outcome.text)
        self.assertEqual(sink.envelopes, [])

    def test_no_answer_to_a_sign_in_is_repeated(self):
        for code in ("535", "454", "501", "221"):
            answer = f"{code} me and hunter2 and AG1lAGh1bnRlcjI= are wrong\r\n".encode()
            with self.subTest(code), Script(EHLO=b"250-x\r\n250 AUTH PLAIN\r\n", AUTH=answer) as script:
                outcome = self.deliver(script, user="me:hunter2@")
                self.assert_outcome(outcome, "failure")
                for secret in ("hunter2", "AG1l"):
                    self.assertNotIn(secret, outcome.text)
                self.assertNotIn("MAIL", script.verbs())

    def test_without_a_way_to_sign_in_nothing_is_sent(self):
        for offer in (b"250 x\r\n", b"250-x\r\n250 AUTH CRAM-MD5 GSSAPI\r\n", b"250-x\r\n250 AUTHENTIC PLAIN\r\n"):
            with self.subTest(offer), Script(EHLO=offer) as script:
                self.assert_outcome(self.deliver(script, user="me:hunter2@"), "failure", "offers no sign-in")
                self.assertLessEqual(set(script.verbs()), {"EHLO", "QUIT"})

    def test_nobody_signs_in_who_was_not_told_to(self):
        script = self.given(Script(EHLO=b"250-x\r\n250 AUTH PLAIN LOGIN\r\n"))
        self.assert_outcome(self.deliver(script), "taken")
        self.assertNotIn("AUTH", script.verbs())


class Encrypted(SmtpTest):
    USER = "me:hunter2@"
    OFFER = b"250-script\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.authority = Authority(folder)
        cls.stranger = Authority(folder, "stranger")
        cls.good = cls.authority.context()

    def probe(self, server, host="localhost", tls="required", scheme="smtp", user="", **more):
        more = {"SSL_CERT_FILE": self.authority.certificate} | more
        url = f"{scheme}://{user}{host}:{server.port}"
        return self.given(Probe(url, tls, **more))

    def assert_nothing_told(self, script):
        self.assertLessEqual(set(script.verbs()), {"EHLO", "STARTTLS", "QUIT", "HELO"})
        self.assertEqual(script.messages, [])

    def test_starttls_is_taken_up(self):
        sink = self.given(Sink(("me", "hunter2"), tls=self.good, auth_require_tls=True))
        probe = self.probe(sink, user=self.USER)
        for _ in range(3):
            self.assert_outcome(probe.letter(), "taken")
        self.assertEqual((len(sink.envelopes), len(sink.peers), len(sink.sign_ins)), (3, 1, 1))

    def test_starttls_is_taken_up_where_it_is_only_offered(self):
        script = self.given(Script(EHLO=self.OFFER, tls=self.good))
        self.assert_outcome(self.probe(script, tls="if-offered").message(), "taken")
        self.assertEqual(script.verbs()[:4], ["EHLO", "STARTTLS", "EHLO", "MAIL"])

    def test_tls_from_the_first_octet(self):
        script = self.given(Script(tls=self.good, implicit=True))
        probe = self.probe(script, tls="implicit", scheme="smtps")
        for _ in range(3):
            self.assert_outcome(probe.message(), "taken")
        self.assertEqual((len(script.messages), script.connections), (3, 1))

    def test_an_address_in_digits_has_a_certificate_too(self):
        script = self.given(Script(EHLO=self.OFFER, tls=self.good))
        self.assert_outcome(self.probe(script, "127.0.0.1").message(), "taken")

    def test_a_certificate_that_is_not_to_be_trusted_ends_it(self):
        elsewhere = self.authority.context("DNS:other.example")
        for why, context, more in (("another maker", self.stranger.context(), {}),
                                   ("another host", elsewhere, {}),
                                   ("the system knows no such maker", self.good, {"SSL_CERT_FILE": ""})):
            for tls in ("required", "if-offered", "implicit"):
                scheme, implicit = ("smtps", True) if tls == "implicit" else ("smtp", False)
                with self.subTest(why, tls=tls), \
                        Script(EHLO=self.OFFER, tls=context, implicit=implicit) as script:
                    probe = self.probe(script, tls=tls, scheme=scheme, user=self.USER, **more)
                    self.assert_outcome(probe.message(), "failure", "certificate", "SSL_CERT_FILE")
                    self.assert_nothing_told(script)

    def test_a_file_of_certificates_that_is_none_ends_it(self):
        script = self.given(Script(EHLO=self.OFFER, tls=self.good))
        for file in ("/nowhere.pem", "/dev/null"):
            with self.subTest(file):
                self.assert_outcome(self.probe(script, SSL_CERT_FILE=file).message(), "failure", "certificate")
                self.assert_nothing_told(script)

    def test_old_versions_are_not_spoken(self):
        old = self.authority.context()
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        script = self.given(Script(EHLO=self.OFFER, tls=old))
        self.assert_outcome(self.probe(script, user=self.USER).message(), "failure", "no TLS with")
        self.assert_nothing_told(script)

    def test_starttls_that_is_not_there_ends_it(self):
        for why, answers in (("not offered", {"EHLO": b"250-x\r\n250 AUTH PLAIN\r\n"}),
                             ("offered by another name", {"EHLO": b"250-x\r\n250-XXXXXXXX\r\n250 AUTH PLAIN\r\n"}),
                             ("declined for now", {"EHLO": self.OFFER, "STARTTLS": b"454 not now\r\n"}),
                             ("declined", {"EHLO": self.OFFER, "STARTTLS": b"502 no such thing\r\n"}),
                             ("EHLO unknown", {"EHLO": b"502 what?\r\n"})):
            with self.subTest(why), Script(answers) as script:
                self.assert_outcome(self.probe(script, user=self.USER).message(), "failure")
                self.assert_nothing_told(script)

    def test_what_was_said_before_tls_does_not_count(self):
        def injects(line):
            line.connection.sendall(b"220 go on\r\n250-x\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 fine\r\n250 fine\r\n")
            return True

        for tls in ("required", "if-offered"):
            with self.subTest(tls), Script(EHLO=self.OFFER, STARTTLS=injects, tls=self.good) as script:
                self.assert_outcome(self.probe(script, tls=tls, user=self.USER).message(), "failure")
                self.assert_nothing_told(script)

    def test_what_is_offered_before_tls_does_not_count(self):
        script = self.given(Script(EHLO=[self.OFFER, b"250 x\r\n"], tls=self.good))
        self.assert_outcome(self.probe(script, user=self.USER).message(), "failure", "offers no sign-in")
        self.assertNotIn("AUTH", script.verbs())

    def test_a_port_that_speaks_otherwise_is_named(self):
        plain = self.given(Script())
        self.assert_outcome(self.probe(plain, tls="implicit", scheme="smtps").message(), "failure", "no TLS with")
        encrypted = self.given(Script(tls=self.good, implicit=True))
        self.assert_outcome(self.probe(encrypted, **SHORT).message(), "failure")

    def test_a_line_cut_under_tls_harms_nobody(self):
        for verb, kind in (("MAIL", "failure"), ("DATA", "failure"), (".", "unknown")):
            for how in (drops, resets):
                with self.subTest(verb, how=how.__name__), \
                        Script({verb: [how], "EHLO": self.OFFER}, tls=self.good) as script:
                    probe = self.probe(script)
                    self.assert_outcome(probe.message(), kind)
                    self.assert_outcome(probe.message(), "taken")

    def test_a_kept_line_that_was_cut_under_tls_is_made_again(self):
        def says_and_resets(line):
            line.connection.sendall(b"250 taken\r\n")
            return resets(line)

        script = self.given(Script(EHLO=self.OFFER, dot=[says_and_resets], tls=self.good))
        probe = self.probe(script)
        self.assert_outcome(probe.message(), "taken")
        script.ended.get(timeout=10)
        self.assert_outcome(probe.message(), "taken")
        self.assertEqual((len(script.messages), script.connections), (2, 2))


class BeyondAscii(SmtpTest):
    ZOE = "zoë@example.com"

    def test_an_address_arrives_where_it_is_understood(self):
        sink = self.given(Sink(enable_SMTPUTF8=True))
        outcome = self.given(Probe(sink.url())).letter(self.ZOE)
        self.assert_outcome(outcome, "taken")
        [envelope] = sink.envelopes
        self.assertEqual(envelope.rcpt_tos, [self.ZOE])
        self.assertTrue(envelope.smtp_utf8)
        self.assertIn(f"To: <{self.ZOE}>\r\n".encode(), envelope.original_content)

    def test_an_address_that_is_not_understood_is_refused_and_not_sent(self):
        script = self.given(Script())
        outcome = self.deliver(script, to=self.ZOE)
        self.assert_outcome(outcome, "refused", "SMTPUTF8")
        self.assertLessEqual(set(script.verbs()), {"EHLO", "QUIT"})

    def test_each_of_many_letters_is_judged_by_itself(self):
        for understood in (False, True):
            offer = b"250-x\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n" if understood else b"250 x\r\n"
            with self.subTest(understood), Script(EHLO=offer) as script, Probe(script.url()) as probe:
                for to in (JANE, self.ZOE, JANE, self.ZOE, self.ZOE, JANE):
                    kind = "taken" if to == JANE or understood else "refused"
                    self.assert_outcome(probe.message(to=to), kind)
                self.assertEqual(len(script.messages), 6 if understood else 3)
                self.assertEqual(f"RCPT TO:<{self.ZOE}>" in script.commands, understood)

    def test_what_counts_is_what_is_offered_under_tls(self):
        folder = self.given(tempfile.TemporaryDirectory())
        authority = Authority(folder)
        plain, utf8 = b"250-x\r\n250 STARTTLS\r\n", b"250-x\r\n250-SMTPUTF8\r\n250 STARTTLS\r\n"
        for why, before, then, kind in (("only then", plain, utf8, "taken"), ("only before", utf8, plain, "refused")):
            with self.subTest(why), Script(EHLO=[before, then], tls=authority.context()) as script, \
                    Probe(script.url(), "required", SSL_CERT_FILE=authority.certificate) as probe:
                self.assert_outcome(probe.message(to=self.ZOE), kind)


class Hostile(SmtpTest):
    def test_a_recipient_who_is_more_than_one_address_reaches_no_server(self):
        script = self.given(Script())
        probe = self.given(Probe(script.url()))
        for to in ("a@b>\r\nRCPT TO:<x@y", "a@b\r\nRCPT TO:<x@y>", "a@b\nDATA", "a@b\0", "a@b\x7f", "a@b\t", "a@b,c@d",
                   "a@b c@d", "<a@b>", "a@b>", "\"a b\"@c", "\"a@b\"@c", "a@b@c", "a", "@b", "a@", "", " ",
                   "a@b SIZE=1", "a@b\u0085", "a@b\u2028", "a" * 300 + "@b"):
            with self.subTest(repr(to)):
                self.assert_outcome(probe.message(to=to), "refused")
        self.assertEqual((script.connections, script.commands), (0, []))

    def test_a_letter_that_cannot_be_written_is_refused(self):
        script = self.given(Script())
        probe = self.given(Probe(script.url()))
        for id in ("", "a/b", "a\r\nb", "x" * 100):
            with self.subTest(id):
                self.assert_outcome(probe.letter(id=id), "refused", "cannot write a letter")
        self.assertEqual(script.connections, 0)


if __name__ == "__main__":
    unittest.main()
