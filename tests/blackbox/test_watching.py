"""What the server tells whoever runs it: its metrics, where they can be asked for, its log, and what SIGHUP changes."""

import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

from prometheus_client.parser import text_string_to_metric_families

import everything
from described import DESCRIPTION, Description
from support import (LOGIN, Case, Client, Server, bearer, code_in_text, fresh_email, fresh_phone, person, responses,
                     try_to_serve, until)

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from slow_disk import SlowDisk  # noqa: E402

LIBRARY = os.environ.get("SLOW_DISK_LIBRARY") or str(ROOT / "build/release/tests/slow_disk.so")
OPERATION = "/metrics", "/healthz", "/readyz"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Scrape:
    """What /metrics said. A sample is found by its name and labels."""

    def __init__(self, text):
        self.families = list(text_string_to_metric_families(text))
        self.samples = {(sample.name, frozenset(sample.labels.items())): sample.value
                        for family in self.families for sample in family.samples}
        assert len(self.samples) == sum(len(family.samples) for family in self.families), "a sample comes twice"

    def get(self, name, **labels):
        return self.samples.get((name, frozenset(labels.items())), 0)

    def total(self, name, **labels):
        wanted = set(labels.items())
        return sum(value for (found, all_labels), value in self.samples.items()
                   if found == name and wanted <= all_labels)

    def names(self):
        """Of all samples that there can be."""
        endings = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
        return {family.name + ending for family in self.families for ending in endings[family.type]}

    def labels(self):
        return {pair for _, labels in self.samples for pair in labels}


def scrape(where):
    answer = Client(where).get("/metrics")
    assert answer.status == 200, answer
    return Scrape(answer.text)


class Admin:
    """The operators' listener of a server."""

    def __init__(self, server):
        self.url = until(lambda: next((line["admin_url"] for line in log_of(server) if "admin_url" in line), None))
        parts = urllib.parse.urlsplit(self.url)
        self.address = (parts.hostname, parts.port)


def log_of(server):
    return [json.loads(line) for line in list(server.lines)]


def requests_in_log(server, **members):
    return [line for line in log_of(server) if line["msg"] == "request" and members.items() <= line.items()]


class Metrics(Case):
    settings = {"admin_listen": "127.0.0.1:0", "otp_pause_seconds": 0}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = Admin(cls.server)

    def changed(self, act, name, **labels):
        before = scrape(self.admin).total(name, **labels)
        act()
        return scrape(self.admin).total(name, **labels) - before

    def test_a_request_is_counted_by_its_route_and_never_by_its_path(self):
        def ask():
            browser = Client(self.server)
            browser.get(self.created())
            browser.get("/home")
        before = scrape(self.admin)
        ask()
        after = scrape(self.admin)
        for route, method, status in ((LOGIN, "write", "201"), ("/login/{token}", "read", "303"),
                                      ("/home", "read", "200")):
            labels = {"route": route, "method": method, "status": status}
            name = "onboard_http_requests_total"
            self.assertEqual(after.get(name, **labels), before.get(name, **labels) + 1, route)
            self.assertGreater(after.get("onboard_http_request_duration_seconds_count", route=route), 0)

    def test_what_strangers_send_makes_no_new_series(self):
        scrape(self.admin)
        Client(self.server).get("/first-nowhere")
        self.server.raw(b"BREW /first HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        before = set(scrape(self.admin).samples)
        one = "{} /nowhere-{} HTTP/1.1\r\nHost: host-{}\r\nX-Request-Id: id-{}\r\n\r\n"
        many = 900
        line = "".join(one.format("GET" if number % 2 else "M" + "".join(chr(65 + int(digit)) for digit in str(number)),
                                  number, number, number) for number in range(many))
        line += "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        served = 0
        for _ in range(3):
            served += len(responses(self.server.raw(line.encode(), seconds=30)))
        self.assertGreater(served, 3)
        self.assertEqual(set(scrape(self.admin).samples) - before, set())

    def test_histograms_are_cumulative_and_end_with_all(self):
        Client(self.server).get("/healthz")
        found = scrape(self.admin)
        for family in found.families:
            if family.type != "histogram":
                continue
            series = {}
            for sample in family.samples:
                labels = {name: text for name, text in sample.labels.items() if name != "le"}
                if sample.name.endswith("_bucket"):
                    series.setdefault(frozenset(labels.items()), []).append((float(sample.labels["le"]),
                                                                              sample.value))
            for labels, buckets in series.items():
                self.assertEqual(buckets, sorted(buckets), family.name)
                self.assertEqual([count for _, count in buckets], sorted(count for _, count in buckets))
                self.assertEqual(buckets[-1], (float("inf"), found.get(f"{family.name}_count", **dict(labels))))

    def test_letters_are_counted_by_kind(self):
        def write():
            self.server.create(self.alpha, person())
            self.server.delivered()
        self.assertEqual(self.changed(write, "onboard_letters_total", kind="welcome-set-password", outcome="sent"), 1)
        self.assertEqual(scrape(self.admin).total("onboard_outbox_letters"), 0)

    def test_codes_are_counted_by_country_when_they_leave_and_when_they_come_back(self):
        site = self.server.partner("site", "sso")
        phone = fresh_phone()

        def ask():
            answer = Client(self.server).post("/sso/sms", {"telephone": phone})
            self.assertEqual(answer.status, 201, answer)
            [text] = self.server.wait_for_texts(1, phone)
            return code_in_text(text)
        before = scrape(self.admin)
        code = ask()
        call = {"telephone": phone, "code": code, "agb": True, "dataprotection": True}
        answer = Client(self.server).post("/sso/auth", call | {"code": f"{(int(code) + 1) % 10 ** 6:06}"}, bearer(site))
        self.assertEqual(answer.status // 100, 4, answer)
        answer = Client(self.server).post("/sso/auth", call, bearer(site))
        self.assertEqual(answer.status, 201, answer)
        until(lambda: scrape(self.admin).get("onboard_otp_sent_total", country="DE") ==
              before.get("onboard_otp_sent_total", country="DE") + 1)
        after = scrape(self.admin)
        self.assertEqual(after.get("onboard_otp_proved_total", country="DE"),
                         before.get("onboard_otp_proved_total", country="DE") + 1)
        for result in ("signed_in", "code_wrong"):
            labels = {"by": "phone_code", "result": result}
            self.assertEqual(after.get("onboard_sign_ins_total", **labels),
                             before.get("onboard_sign_ins_total", **labels) + 1, result)

    def test_who_comes_in_is_counted_by_the_way_and_who_is_refused_by_the_reason(self):
        url = self.created()
        self.assertEqual(self.changed(lambda: Client(self.server).get(url), "onboard_sign_ins_total",
                                      by="login_link", result="signed_in"), 1)
        self.assertEqual(self.changed(lambda: Client(self.server).get(url), "onboard_sign_ins_total",
                                      by="login_link", result="link_spent"), 1)

        def guess():
            browser = Client(self.server)
            form = browser.get("/sign-in").page.forms[0]["fields"]
            answer = browser.post("/sign-in", form=form | {"email": fresh_email(), "password": "x" * 20})
            self.assertEqual(answer.status, 401, answer)
        self.assertEqual(self.changed(guess, "onboard_sign_ins_total", by="password", result="sign_in_wrong"), 1)
        self.assertGreater(scrape(self.admin).get("onboard_queue_turn_duration_seconds_count", queue="hash"), 0)

    def test_writes_are_counted_with_the_commits_they_share(self):
        before = scrape(self.admin)
        for _ in range(5):
            self.created()
        after = scrape(self.admin)
        groups = after.get("onboard_write_group_size_count") - before.get("onboard_write_group_size_count")
        writes = after.get("onboard_write_group_size_sum") - before.get("onboard_write_group_size_sum")
        self.assertGreaterEqual(writes, 5)
        self.assertLessEqual(groups, writes)
        for name in ("onboard_storage_units_total", "onboard_storage_commits_total"):
            self.assertGreaterEqual(after.get(name) - before.get(name), 5 if "units" in name else 1)

    def test_the_process_tells_what_it_uses(self):
        found = scrape(self.admin)
        self.assertGreater(found.get("onboard_process_cpu_seconds_total"), 0)
        self.assertGreater(found.get("onboard_process_resident_memory_bytes"), 1 << 20)
        self.assertGreater(found.get("onboard_process_open_fds"), 3)
        self.assertGreater(found.get("onboard_process_max_fds"), found.get("onboard_process_open_fds"))
        self.assertEqual(found.get("onboard_storage_up"), 1)
        version = subprocess.run([os.environ.get("BINARY") or "onboard-server", "--version"], capture_output=True,
                                 text=True, check=True).stdout.split()[-1]
        self.assertEqual(found.total("onboard_build_info", version=version), 1)

    def test_connections_are_counted_while_they_are_open(self):
        before = scrape(self.admin).get("onboard_http_connections")
        with self.server.open(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n") as line:
            self.assertTrue(line.recv(4096))
            self.assertEqual(scrape(self.admin).get("onboard_http_connections"), before + 1)
        until(lambda: scrape(self.admin).get("onboard_http_connections") == before)


class BehindASlowDisk(unittest.TestCase):
    def test_the_age_of_the_queue_shows_while_a_commit_hangs(self):
        with tempfile.TemporaryDirectory() as folder:
            disk = SlowDisk(LIBRARY, f"{folder}/board")
            server = self.enterContext(Server(variables=disk.environment, admin_listen="127.0.0.1:0"))
            token = server.partner("alpha", "partner")
            server.plan("PLAN-A", "alpha")
            admin = Admin(server)
            disk.close_gate()
            try:
                callers = [threading.Thread(target=server.login, args=(token, person())) for _ in range(6)]
                callers[0].start()
                until(lambda: scrape(admin).get("onboard_queue_busy", queue="write") == 1)
                for caller in callers[1:]:
                    caller.start()
                found = until(lambda: (said := scrape(admin)).get("onboard_queue_age_seconds", queue="write") > 0.2
                              and said)
                self.assertGreater(found.get("onboard_queue_jobs", queue="write"), 0)
                self.assertEqual(found.get("onboard_queue_busy", queue="write"), 1)
                self.assertGreaterEqual(found.get("onboard_http_requests_in_flight"), 6)
            finally:
                disk.open_gate()
                for caller in callers:
                    if caller.ident:
                        caller.join()
            found = scrape(admin)
            self.assertEqual(found.get("onboard_queue_jobs", queue="write"), 0)
            # Waiting is part of how long a request took.
            slow = sum(value for (name, labels), value in found.samples.items()
                       if name == "onboard_http_request_duration_seconds_bucket" and ("route", LOGIN) in labels
                       and ("le", "0.1") in labels)
            self.assertEqual(found.get("onboard_http_request_duration_seconds_count", route=LOGIN), 6)
            self.assertLess(slow, 6)


class Doors(unittest.TestCase):
    def test_the_operators_listener_serves_nothing_else_and_the_main_one_no_metrics(self):
        with Server(admin_listen="127.0.0.1:0") as server:
            admin = Admin(server)
            operator = Client(admin)
            operator.description = Description(
                DESCRIPTION.document | {"paths": {path: DESCRIPTION.document["paths"][path] for path in OPERATION}})
            for path in OPERATION:
                self.assertEqual(operator.get(path).status, 200, path)
            for path in ("/", "/home", "/sign-in", LOGIN, "/session"):
                self.assertEqual(operator.get(path).status, 404, path)
            self.assertEqual(Client(server).get("/metrics").status, 404)
            self.assertEqual(Client(server).get("/healthz").status, 200)
            self.assertEqual(server.stop(), 0)

    def test_without_one_metrics_are_for_this_machine_alone(self):
        with Server() as server:
            self.assertGreater(scrape(server).get("onboard_process_cpu_seconds_total"), 0)
        with Server(public_url="https://id.example", behind_proxy="yes") as server:
            self.assertEqual(Client(server).get("/metrics").status, 404)

    def test_a_port_that_is_taken_stops_the_start(self):
        with socket.create_server(("127.0.0.1", 0)) as taken, tempfile.TemporaryDirectory() as folder:
            where = "127.0.0.1:%d" % taken.getsockname()[1]
            outcome = try_to_serve(folder, admin_listen=where)
            self.assertEqual(outcome.code, 1)
            self.assertIn(where, outcome.err)


class Log(Case):
    def line_of(self, identity, **fields):
        headers = {"X-Request-Id": identity} | fields
        Client(self.server).request("GET", "/healthz", headers=headers)
        [line] = until(lambda: requests_in_log(self.server, request_id=identity))
        return line

    def test_a_trace_goes_into_the_line_of_its_request(self):
        line = self.line_of("traced", traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")
        self.assertEqual(line["trace_id"], TRACE)

    def test_what_is_no_trace_leaves_it_empty(self):
        for number, text in enumerate((f"00-{TRACE.upper()}-00f067aa0ba902b7-01", "nonsense", '"}', f"00-{'0' * 32}-1")):
            with self.subTest(text):
                self.assertEqual(self.line_of(f"untraced-{number}", traceparent=text)["trace_id"], "")
        self.assertEqual(self.line_of("without")["trace_id"], "")


class Reload(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def make(self, name):
        """A certificate for this name, and its key."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", f"/CN={name}", "-keyout", str(self.folder / f"{name}.key"),
                        "-out", str(self.folder / f"{name}.pem")], check=True, capture_output=True)

    def use(self, name, key=None):
        (self.folder / "used.pem").write_bytes((self.folder / f"{name}.pem").read_bytes())
        (self.folder / "used.key").write_bytes((self.folder / f"{key or name}.key").read_bytes())
        (self.folder / "used.key").chmod(0o600)

    def shown(self, server):
        """The certificate that a new connection gets."""
        context = ssl._create_unverified_context()
        with context.wrap_socket(socket.create_connection(server.address, 10)) as line:
            return ssl.DER_cert_to_PEM_cert(line.getpeercert(binary_form=True))

    def reload(self, server, what):
        said = len(server.lines)
        server.process.send_signal(signal.SIGHUP)
        return until(lambda: [line for line in log_of(server)[said:] if line["msg"].startswith(what)])

    def test_new_connections_get_the_new_certificate_and_old_ones_go_on(self):
        for name in ("first", "second"):
            self.make(name)
        self.use("first")
        settings = {"tls_certificate": self.folder / "used.pem", "tls_key": self.folder / "used.key"}
        with Server(**settings) as server:
            self.assertEqual(self.shown(server), (self.folder / "first.pem").read_text())
            context = ssl._create_unverified_context()
            with context.wrap_socket(socket.create_connection(server.address, 10)) as line:
                self.use("second")
                self.reload(server, "certificate loaded again")
                self.assertEqual(self.shown(server), (self.folder / "second.pem").read_text())
                line.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertTrue(line.recv(4096).startswith(b"HTTP/1.1 200"))

            for bad in (lambda: self.use("first", key="second"),
                        lambda: (self.folder / "used.pem").write_text("junk"),
                        lambda: (self.folder / "used.key").unlink()):
                bad()
                [line] = self.reload(server, "the certificate was not loaded")
                self.assertEqual(line["level"], "error")
                self.assertEqual(self.shown(server), (self.folder / "second.pem").read_text())

    def test_the_level_of_the_log_is_read_again(self):
        config = self.folder / "onboard.toml"
        config.write_text('log = "info"\n')
        with Server("--config", str(config)) as server:
            Client(server).request("GET", "/healthz", headers={"X-Request-Id": "before"})
            until(lambda: requests_in_log(server, request_id="before"))
            config.write_text('log = "error"\n')
            server.process.send_signal(signal.SIGHUP)

            def is_quiet():
                mark = f"probe-{len(server.lines)}-{is_quiet.asked}"
                is_quiet.asked += 1
                Client(server).request("GET", "/healthz", headers={"X-Request-Id": mark})
                return is_quiet.asked > 3 and not requests_in_log(server, request_id=mark)
            is_quiet.asked = 0
            until(is_quiet)
            config.write_text('log = "shouting"\n')
            [line] = self.reload(server, "the settings are bad")
            self.assertIn("log", line["setting"])
            config.write_text('log = "info"\n')
            [line] = self.reload(server, "settings read again")
            self.assertEqual(line["log"], "info")
            Client(server).request("GET", "/healthz", headers={"X-Request-Id": "again"})
            until(lambda: requests_in_log(server, request_id="again"))

    def test_a_partner_who_is_added_while_it_runs_may_call_at_once(self):
        with Server() as server:
            for number in range(3):
                token = server.partner(f"partner-{number}", "partner")
                server.plan(f"PLAN-{number}", f"partner-{number}")
                self.assertEqual(server.login(token, person(bikePlanCode=f"PLAN-{number}")).status, 201)


class Documents(unittest.TestCase):
    """What the page, the dashboard and the alerts name is there."""

    @classmethod
    def setUpClass(cls):
        server = cls.enterClassContext(Server(admin_listen="127.0.0.1:0", **everything.SETTINGS))
        cls.day = everything.Day(server)
        answer = Client(Admin(server)).get("/metrics")
        cls.text, cls.scrape = answer.text, Scrape(answer.text)
        cls.page = (ROOT / "docs/watching.md").read_text()

    def test_a_day_leaves_no_secret_and_nobody_in_the_metrics(self):
        for texts in (self.day.secrets, self.day.personal):
            self.assertEqual(everything.found(texts, self.text.encode()), [])

    def test_the_page_lists_every_metric_and_no_other(self):
        listed = re.findall(r"^\| `(onboard_\w+)` \|", self.page, re.MULTILINE)
        there = [family.name + ("_total" if family.type == "counter" else "") for family in self.scrape.families]
        self.assertEqual(sorted(listed), sorted(there))

    def test_every_metric_says_what_it_is(self):
        for family in self.scrape.families:
            self.assertTrue(family.documentation.strip().endswith("."), family.name)

    def check(self, expressions):
        self.assertTrue(expressions)
        labels = self.scrape.labels()
        for expression in expressions:
            with self.subTest(expression):
                names = set(re.findall(r"\bonboard_\w+", expression))
                self.assertTrue(names or expression.startswith("up"))
                self.assertEqual(names - self.scrape.names(), set())
                for label, value in re.findall(r'(\w+)="([^"]*)"', expression):
                    self.assertIn(label, {name for name, _ in labels} | {"job"})
                    if label in ("queue", "outcome", "reason", "by", "channel"):
                        self.assertIn((label, value), labels)

    def test_the_dashboard_shows_what_there_is(self):
        dashboard = json.loads((ROOT / "server/packaging/grafana-dashboard.json").read_text())
        self.check([target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])])
        for panel in dashboard["panels"]:
            self.assertTrue(panel["title"])

    def test_every_alert_is_about_what_there_is_and_says_what_to_do(self):
        text = (ROOT / "server/packaging/alerts.yml").read_text()
        alerts = re.findall(r"- alert: (\w+)\n\s+expr: (.+)\n", text)
        self.assertEqual(len(alerts), text.count("- alert:"))
        self.check([expression for _, expression in alerts])
        told = re.findall(r"^\| `(Onboard\w+)` \| \S.* \| \S.* \|$", self.page, re.MULTILINE)
        self.assertEqual(told, [name for name, _ in alerts])


if __name__ == "__main__":
    unittest.main()
