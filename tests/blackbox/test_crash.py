"""What was acknowledged survives a kill, a stop, a full disk; and a database that is none is refused."""

import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

from support import BINARY, LOGIN, REDEEM, Server, bearer, person, together, token_of, try_to_serve, unsound, until


class Load:
    """Partners that post new people, and an application that redeems some of their links, until the end."""

    def __init__(self, server, token, threads=5, **more):
        self.server, self.token, self.more = server, token, more
        self.people, self.refused = [], []          # acknowledged (address, token of the link); all else
        self.asked, self.redeemed = set(), set()    # links sent for redemption; those acknowledged
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(self.post,), daemon=True)
                        for _ in range(threads)]
        self.threads.append(threading.Thread(target=self.run, args=(self.redeem,), daemon=True))
        for thread in self.threads:
            thread.start()

    def run(self, act):
        connection = http.client.HTTPConnection(*self.server.address, 20)
        with contextlib.suppress(OSError, http.client.HTTPException):
            while not self.ended.is_set():
                act(connection)
        connection.close()

    def call(self, connection, path, body):
        connection.request("POST", path, json.dumps(body),
                           bearer(self.token) | {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    def post(self, connection):
        user = person(**self.more)
        status, said = self.call(connection, LOGIN, {"user": user})
        if status == 201:
            self.people.append((user["email"], token_of(said["loginUrl"])))
        else:
            self.refused.append((status, said))

    def redeem(self, connection):
        ours = [token for _, token in self.people if token not in self.asked]
        if not ours:
            return self.ended.wait(0.002)
        self.asked.add(ours[0])
        status, _ = self.call(connection, REDEEM, {"token": ours[0]})
        if status == 200:
            self.redeemed.add(ours[0])

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


class Durable(unittest.TestCase):
    def start(self, **settings):
        server = self.enterContext(Server(**settings))
        token = server.partner("alpha", "partner", "redeem")
        server.plan("PLAN-A", "alpha")
        return server, token

    def assert_kept(self, server, token, load):
        """Every acknowledged person and link is there, and every acknowledged redemption stays one."""
        people = list(load.people)

        def check(number, _):
            connection = http.client.HTTPConnection(*server.address, 20)
            for address, link in people[number::4]:
                status, said = load.call(connection, REDEEM, {"token": link})
                if link in load.redeemed:
                    self.assertEqual(status, 410, "redeemed a second time")
                elif link in load.asked:
                    self.assertIn(status, (200, 410))       # the answer was lost, the redemption perhaps not
                else:
                    self.assertEqual(status, 200, f"{address} was acknowledged")
                    self.assertEqual(said["user"]["email"], address)
            connection.close()
        load.server = server
        together(4, check)

    def assert_sound(self, folder):
        self.assertEqual(unsound(folder), [])


class Killed(Durable):
    def test_nothing_acknowledged_is_lost_when_the_server_is_killed_under_load(self):
        server, token = self.start()
        rounds, deadline, kept = 0, time.monotonic() + 35, 0
        while rounds < 20 and time.monotonic() < deadline:
            load = Load(server, token)
            until(lambda: len(load.people) >= random.randrange(10, 120),
                  what=f"load, refused: {load.refused[:3]}")
            server.kill9()
            load.end()
            self.assertEqual(load.refused, [])
            self.assert_sound(server.folder)
            server.restart()
            self.assert_kept(server, token, load)
            rounds, kept = rounds + 1, kept + len(load.people)
        self.assertGreaterEqual(rounds, 15)
        self.assertGreater(kept, rounds * 10)

    def test_a_known_person_is_not_created_again_after_a_kill(self):
        server, token = self.start()
        load = Load(server, token)
        until(lambda: len(load.people) >= 50)
        server.kill9()
        load.end()
        server.restart()
        statuses = {server.login(token, person(email=address)).status for address, _ in load.people}
        self.assertEqual(statuses, {200})

    def test_a_kill_at_any_moment_of_the_start_leaves_a_database_that_starts(self):
        for moment in (0, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03):
            with tempfile.TemporaryDirectory() as folder:
                process = subprocess.Popen([BINARY, "serve", "--database", f"sqlite:{folder}/onboard.db",
                                            "--listen", "127.0.0.1:0"], cwd=folder, stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=moment)
                process.kill()
                process.wait()
                with Server(folder=folder) as server:
                    self.assertTrue(server.alive())


class Unread(unittest.TestCase):
    def test_a_log_that_nobody_reads_any_more_stops_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen([BINARY, "serve", "--listen", "127.0.0.1:0"], cwd=folder, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                port = int(process.stdout.readline().rsplit(":", 1)[1])
                process.stderr.close()
                for _ in range(3):
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                    connection.request("GET", "/healthz")
                    self.assertEqual(connection.getresponse().status, 200)
                    connection.close()
                process.terminate()
                self.assertEqual(process.wait(20), 0)
            finally:
                process.kill()
                process.wait()
                process.stdout.close()


class Stopped(Durable):
    def test_a_stop_under_load_answers_what_it_accepted_and_loses_nothing(self):
        server, token = self.start()
        for _ in range(3):
            load = Load(server, token)
            until(lambda: len(load.people) >= 50)
            began = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - began, 10)
            load.end()
            self.assertLessEqual({status for status, _ in load.refused}, {503})
            server.start()
            self.assert_kept(server, token, load)

    def test_a_stop_is_quick_when_nobody_is_asking(self):
        server, _ = self.start()
        idle = [server.open(b"") for _ in range(5)]
        began = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - began, 5)
        for line in idle:
            line.close()

    def test_an_interrupt_is_a_stop(self):
        server, _ = self.start()
        self.assertEqual(server.stop(2), 0)

    def test_after_a_stop_the_database_is_whole(self):
        server, token = self.start()
        server.login(token, person())
        server.stop()
        self.assert_sound(server.folder)


class Files(Durable):
    def refused(self, folder, **settings):
        """The start is refused with exit 1 and one line, and the files are as they were."""
        before = {file: file.read_bytes() for file in pathlib.Path(folder).glob("onboard.db")}
        outcome = try_to_serve(folder, **settings)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual(len(outcome.err.strip().splitlines()), 1, outcome)
        self.assertNotIn("terminate", outcome.err)
        for file, content in before.items():
            self.assertTrue(file.read_bytes() == content, f"{file} was changed by a start that was refused")
        return outcome.err

    def stopped(self):
        server, token = self.start()
        server.login(token, person())
        self.assertEqual(server.stop(), 0)
        return server.folder

    def test_a_second_server_on_the_same_file_is_refused_and_the_first_goes_on(self):
        server, token = self.start()
        outcome = try_to_serve(server.folder)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertEqual(len(outcome.err.strip().splitlines()), 1, outcome)
        self.assertEqual(server.login(token, person()).status, 201)

    def test_a_file_that_is_no_database_is_refused(self):
        folder = self.stopped()
        for content in (b"This is a letter to my aunt. " * 1000, b"x" * 400, os.urandom(8192)):
            for rest in folder.glob("onboard.db-*"):
                rest.unlink()
            (folder / "onboard.db").write_bytes(content)
            self.refused(folder)

    def test_a_truncated_database_is_refused(self):
        folder = self.stopped()
        whole = (folder / "onboard.db").read_bytes()
        for size in (100, 4096, 4096 * 3 + 100, len(whole) // 2, len(whole) - 4096):
            with self.subTest(f"{size} of {len(whole)} bytes"):
                for rest in folder.glob("onboard.db-*"):
                    rest.unlink()
                (folder / "onboard.db").write_bytes(whole[:size])
                self.refused(folder)

    def test_a_database_of_somebody_else_is_refused(self):
        folder = self.stopped()
        for file in folder.glob("onboard.db*"):
            file.unlink()
        with contextlib.closing(sqlite3.connect(folder / "onboard.db")) as database:
            database.executescript("create table recipes(name text); insert into recipes values('soup');")
        self.refused(folder)

    def test_a_database_of_a_newer_program_is_refused(self):
        folder = self.stopped()
        with contextlib.closing(sqlite3.connect(folder / "onboard.db", isolation_level=None)) as database:
            [version] = database.execute("pragma user_version").fetchone()
            self.assertGreater(version, 0, "the schema's version is kept where every tool can read it")
            database.execute(f"pragma user_version = {version + 1000}")
        for rest in folder.glob("onboard.db-*"):
            rest.unlink()
        self.assertRegex(self.refused(folder).lower(), "newer|version|schema")

    def test_a_missing_directory_and_a_directory_are_no_database(self):
        with tempfile.TemporaryDirectory() as folder:
            self.refused(folder, database=f"sqlite:{folder}/none/onboard.db")
            self.refused(folder, database=f"sqlite:{folder}")
            self.assertFalse(os.path.exists(f"{folder}/none"))

    @unittest.skipUnless(os.geteuid() == 0, "only root may mount")
    def test_a_database_that_cannot_be_written_is_refused(self):
        with tempfile.TemporaryDirectory() as folder, mounted(folder, "8m"):
            with Server(folder=folder) as server:
                server.stop()
            subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
            self.refused(folder)

    @unittest.skipUnless(os.geteuid() == 0, "only root may run as somebody else")
    def test_a_database_of_somebody_else_who_keeps_it_closed_is_refused(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as elsewhere:
            with Server(folder=folder) as server:
                server.stop()
            os.chmod(folder, 0o755)      # others may enter, and still not read what is in it
            os.chmod(elsewhere, 0o755)   # the program may have been built where they cannot go
            program = shutil.copy(BINARY, elsewhere)
            done = subprocess.run([program, "serve", "--database", f"sqlite:{folder}/onboard.db", "--listen",
                                   "127.0.0.1:0"], cwd="/", user="nobody", group="nogroup", extra_groups=[],
                                  text=True, capture_output=True, timeout=20)
            self.assertEqual(done.returncode, 1, done)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done)

    def test_the_files_are_for_their_owner_alone(self):
        server, token = self.start()
        server.login(token, person())
        for file in server.folder.glob("onboard.*"):
            self.assertEqual(file.stat().st_mode & 0o077, 0, file)


@contextlib.contextmanager
def mounted(folder, size):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


class FullDisk(Durable):
    @unittest.skipUnless(os.geteuid() == 0, "only root may mount")
    def test_a_full_disk_refuses_loses_nothing_and_recovers(self):
        with tempfile.TemporaryDirectory() as folder, mounted(folder, "4m"):
            ballast = pathlib.Path(folder) / "ballast"
            ballast.write_bytes(b"x" * 2**21)
            with Server(folder=folder) as server:
                token = server.partner("alpha", "partner", "redeem")
                server.plan("PLAN-A", "alpha")
                load = Load(server, token, partner_additionalData={f"k{number}": "x" * 900
                                                                   for number in range(16)})
                until(lambda: len(load.refused) >= 20, 30, "a full disk")
                load.end()
                self.assertLessEqual({status for status, _ in load.refused}, {503, 507})
                self.assertTrue(load.people)
                for _, said in load.refused:
                    self.assertNotIn("loginUrl", said)
                self.assertTrue(server.alive())
                ballast.unlink()
                user = person()
                until(lambda: server.login(token, user).status < 300, what="recovery once there is space")
                self.assert_kept(server, token, load)
                server.kill9()
                self.assert_sound(folder)
                server.restart()
                self.assertEqual(server.login(token, user).status, 200)
                statuses = {server.login(token, person(email=address)).status for address, _ in load.people}
                self.assertEqual(statuses, {200})


class Locked(Durable):
    def test_while_somebody_else_holds_the_database_the_server_says_so_and_lives(self):
        server, token = self.start()
        with contextlib.closing(sqlite3.connect(server.folder / "onboard.db", isolation_level=None)) as other:
            other.execute("begin immediate")
            began = time.monotonic()
            answer = server.login(token, person())
            self.assertEqual(answer.status, 503, answer)
            self.assertTrue(answer["Retry-After"])
            self.assertLess(time.monotonic() - began, 12)
            self.assertTrue(server.alive())
            other.execute("rollback")
        self.assertEqual(server.login(token, person()).status, 201)


if __name__ == "__main__":
    unittest.main()
