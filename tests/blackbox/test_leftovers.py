"""What a day on all wires leaves behind: no secret anywhere but in the letters and texts that carry it."""

import base64
import pathlib
import unittest

from everything import SETTINGS, Day, found
from support import Server

CHANNELS = {"mail", "outgoing"}     # what carries secrets, and is there for that


class Leftovers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(**SETTINGS))
        cls.places = {}
        cls.day = Day(cls.server, cls.look)
        process = pathlib.Path(f"/proc/{cls.server.process.pid}")
        cls.places |= {name: [(process / name).read_bytes()] for name in ("cmdline", "environ")}
        cls.places["listings"] = [cls.server.must(*words).encode() for words in cls.listings()]
        cls.server.stop()
        cls.look()
        cls.places |= {"log": ["\n".join(cls.server.lines).encode()], "refusals": cls.day.refusals}

    @classmethod
    def look(cls):
        """Remembers what is on the disk at this moment."""
        for file in cls.server.folder.rglob("*"):
            place = file.relative_to(cls.server.folder)
            if file.is_file() and place.parts[0] not in CHANNELS and place.name != "onboard.key":
                cls.places.setdefault(str(place), []).append(file.read_bytes())

    @classmethod
    def listings(cls):
        """What an operator asks for."""
        return [("partner", "list"), ("plan", "list"), ("issuer", "list"), ("channel", "list"), ("outbox", "list"),
                ("check-config",), *(("user", "show", person, "--json") for person in cls.day.people)]

    def test_no_secret_is_anywhere_but_in_what_carries_it(self):
        self.assertLessEqual({"onboard.db", "onboard.db-wal", "cmdline", "environ", "log"}, set(self.places))
        texts = [file.read_bytes() for file in self.server.folder.glob("outgoing/sms/*")]
        self.assertEqual(found({"code": self.day.secrets["code to sign in"]}, b"\n".join(texts)), ["code"])
        for name, states in self.places.items():
            self.assertEqual(found(self.day.secrets, b"\n".join(states)), [], name)

    def test_the_key_is_in_its_file_alone(self):
        key = (self.server.folder / "onboard.key").read_bytes()
        for name, states in self.places.items():
            for octets in (key, key.hex().encode(), base64.b64encode(key).rstrip(b"=")[:-1]):
                self.assertNotIn(octets, b"\n".join(states), name)

    def test_the_log_tells_of_nobody(self):
        [log] = self.places["log"]
        for route in (b"/sso/auth", b"/v2/user/create", b"/v2/user/session/create", b"/login/{token}"):
            self.assertIn(route, log)
        self.assertEqual(found(self.day.personal, log), [])


if __name__ == "__main__":
    unittest.main()
