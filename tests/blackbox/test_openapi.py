"""The description of all calls: that it is good OpenAPI, that the server gives it, that it is held to, and that a client
can be made of it."""

import copy
import email.message
import json
import pathlib
import subprocess
import tempfile
import unittest

from described import DESCRIPTION, DOCUMENT, Description, Undescribed
from support import BINARY, Answer, Case, Client, bearer, code_in_text, fresh_email, fresh_phone, token_of
ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = ROOT / "build/node"       # put there by tests/run
HERE = pathlib.Path(__file__).parent


def node(*words, **more):
    return subprocess.run(["node", *map(str, words)], capture_output=True, text=True, timeout=120, **more)


class Written(unittest.TestCase):
    """The document as it stands in the repository."""

    def lint(self, document):
        return node(HERE / "api_lint.mjs", MODULES, HERE / "node/redocly.yaml", document)

    def test_it_is_good_openapi(self):
        done = self.lint(DOCUMENT)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_what_is_bad_openapi_is_noticed(self):
        document = copy.deepcopy(DESCRIPTION.document)
        del document["paths"]["/otp"]["get"]["responses"]["200"]["description"]
        document["paths"]["/home"]["get"]["operationId"] = "logIn"
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(document, file)
            file.flush()
            complaints = self.lint(file.name).stdout
        self.assertIn("#/paths/~1otp/get", complaints)
        self.assertIn("operation-operationId-unique", complaints)

    def test_it_is_of_this_version(self):
        version = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout
        self.assertIn(DESCRIPTION.document["info"]["version"], version)

    def test_its_examples_are_as_it_says(self):
        count = 0
        for content, where in self.contents():
            schema = content["schema"]
            for value in [content["example"]] if "example" in content else [
                    DESCRIPTION.meant(example)["value"] for example in content.get("examples", {}).values()]:
                with self.subTest(where):
                    DESCRIPTION.check_value(self.must, "the example", schema, value)
                    count += 1
        self.assertGreater(count, 60)

    def must(self, condition, what):
        self.assertTrue(condition, what)

    def contents(self):
        """Everything that is sent or answered, and where it stands."""
        for path, item in DESCRIPTION.document["paths"].items():
            for method, operation in DESCRIPTION.meant(item).items():
                if method == "parameters":
                    continue
                for media, content in operation.get("requestBody", {}).get("content", {}).items():
                    yield content, f"{method} {path}"
                for status, answer in operation["responses"].items():
                    for media, content in DESCRIPTION.meant(answer).get("content", {}).items():
                        yield content, f"{method} {path} {status}"


def answered(status, body=None, media_type="application/json", **fields):
    """An answer of these fields, as a server would give it."""
    headers = email.message.Message()
    for name, value in ({"X-Request-Id": "x"} | ({"Content-Type": media_type} if media_type else {}) | fields).items():
        headers[name.replace("_", "-")] = value
    return Answer(status, headers, b"" if body is None else json.dumps(body).encode())


class Held(unittest.TestCase):
    """What is not written is noticed, whichever test meets it."""

    GOOD = "POST", "/v1/login-tokens/redeem", {"Content-Type": "application/json"}, '{"token": "x"}'
    REFUSED = {"result": "No.", "success": False, "errors": [{"field": "token", "code": "link_unknown"}]}

    def refuses(self, words, exchange, answer):
        with self.assertRaisesRegex(Undescribed, words):
            DESCRIPTION.check(*exchange, answer)

    def test_what_is_written_passes(self):
        DESCRIPTION.check(*self.GOOD, answered(404, self.REFUSED))
        DESCRIPTION.check("HEAD", "/healthz", {}, None, answered(200))
        DESCRIPTION.check("GET", "/nowhere", {}, None, answered(404, {}))
        DESCRIPTION.check("DELETE", "/home", {}, None, answered(405, {}, Allow="GET, HEAD"))
        DESCRIPTION.check("GET", "/v1/user/exists/phone/1?x", {}, None, answered(414, media_type="text/plain"))

    def test_a_status_that_is_not_written_is_noticed(self):
        self.refuses("status 418 is not", self.GOOD, answered(418, self.REFUSED))

    def test_a_path_or_a_method_that_is_not_written_is_noticed(self):
        self.refuses("is answered, though it is not", ("GET", "/statistics", {}, None), answered(200, {}))
        self.refuses("no such method", ("DELETE", "/home", {}, None), answered(200, {}))
        self.refuses("no such method", ("DELETE", "/home", {}, None), answered(405, {}))

    def test_an_answer_of_another_shape_is_noticed(self):
        for body in ({}, self.REFUSED | {"errors": []}, self.REFUSED | {"success": True}, [], "No."):
            self.refuses("the answer is not as", self.GOOD, answered(404, body))

    def test_another_type_of_answer_is_noticed(self):
        self.refuses("text/html of status 404", self.GOOD, answered(404, "", media_type="text/html"))
        self.refuses("no media type of status 404", self.GOOD, answered(404, media_type=None))
        self.refuses("a body of status 303", ("GET", "/login/x", {}, None),
                     answered(303, {}, media_type=None, Location="/home"))

    def test_a_field_that_is_missing_or_wrong_is_noticed(self):
        self.refuses("no Retry-After", self.GOOD, answered(429, self.REFUSED))
        self.refuses("Retry-After is not as", self.GOOD, answered(429, self.REFUSED, Retry_After="soon"))
        self.refuses("no Location", ("GET", "/login/x", {}, None), answered(303, media_type=None))

    def test_a_request_that_was_accepted_and_is_not_written_is_noticed(self):
        person_seen = {"user": dict.fromkeys(("contractType", "partner", "planCode", "partner_PersonID",
                                              "personnelNumber", "partner_additionalData"))
                       | {"id": "x", "email": "", "firstName": "", "lastName": "", "language": "EN"}}
        method, target, fields, _ = self.GOOD
        DESCRIPTION.check(*self.GOOD, answered(200, person_seen))
        for body in ('{"token": 7}', "{}", "[]"):
            self.refuses("the request is not as", (method, target, fields, body), answered(200, person_seen))
        self.refuses("accepted as text/plain", (method, target, {"content-type": "text/plain"}, "{}"),
                     answered(200, person_seen))
        self.refuses("without the body", (method, target, {}, None), answered(200, person_seen))
        self.refuses("with a body", ("GET", "/home", {}, "x"), answered(200, media_type="text/html"))


class Served(Case):
    """The server under test, and the description it gives of itself."""

    settings = {"public_url": "http://127.0.0.1:1"}

    def test_every_client_of_the_tests_is_held_to_it(self):
        poorer = copy.deepcopy(DESCRIPTION.document)
        del poorer["paths"]["/session"]["get"]["responses"]["401"]
        client = Client(self.server)
        self.assertEqual(client.get("/session").status, 401)
        client.description = Description(poorer)
        with self.assertRaisesRegex(Undescribed, "GET /session: status 401 is not"):
            client.get("/session")

    def test_the_server_gives_the_document_with_its_own_address(self):
        answer = Client(self.server).get("/openapi.json")
        self.assertEqual(answer.text, DOCUMENT.read_text().replace("https://onboard.example", "http://127.0.0.1:1"))
        self.assertEqual(answer.json["servers"][0]["url"], "http://127.0.0.1:1")

    def test_what_a_client_has_is_not_sent_again(self):
        client = Client(self.server)
        for path in ("/openapi.json", "/docs"):
            tag = client.get(path)["ETag"]
            for known, status in ((tag, 304), (f'"x", W/{tag}', 304), ("*", 304), ('"x"', 200), (tag[:-1], 200),
                                  ("", 200)):
                with self.subTest(f"{path} {known}"):
                    answer = client.get(path, If_None_Match=known)
                    self.assertEqual((answer.status, answer["ETag"]), (status, tag))
                    self.assertEqual(answer["Content-Length"], None if status == 304 else str(len(answer.body)))
            self.assertEqual(client.request("HEAD", path)["Content-Length"], str(len(client.get(path).body)))

    def test_the_first_examples_are_what_the_server_answers(self):
        acme = self.server.partner("acme", "partner", "redeem")
        self.server.plan("PLAN-1", "acme")
        written = DESCRIPTION.document["paths"]

        def example(path, status):
            return written[path]["post"]["responses"][status]["content"]["application/json"]

        def request(path):
            return written[path]["post"]["requestBody"]["content"]["application/json"]

        login, create, redeem = "/receiver/APIv3/user.login", "/receiver/APIv3/user.create", "/v1/login-tokens/redeem"
        for status in ("201", "200"):
            answer = Client(self.server).post(login, request(login)["example"], bearer(acme))
            self.assertEqual(answer.status, int(status), answer)
            self.assertEqual(answer.json | {"loginUrl": ""}, example(login, status)["example"] | {"loginUrl": ""})
        redeemed = self.server.redeem(acme, answer.url).json["user"]
        self.assertEqual(redeemed | {"id": ""}, example(redeem, "200")["example"]["user"] | {"id": ""})
        one = request(create)["examples"]["one"]["value"]
        for status, told in (("201", example(create, "201")["example"]),
                             ("200", example(create, "200")["examples"]["one"]["value"])):
            answer = Client(self.server).post(create, one, bearer(acme))
            self.assertEqual((answer.status, answer.json), (int(status), told))


class Generated(Case):
    """A client that knows nothing but the description."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = cls.server.partner("site", "sso")
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="onboard-client-")))
        (cls.folder / "openapi.json").write_text(Client(cls.server).get("/openapi.json").text)
        (cls.folder / "package.json").write_text('{"type": "module"}')
        (cls.folder / "node_modules").symlink_to(MODULES / "node_modules")
        (cls.folder / "api_client.ts").write_text((HERE / "api_client.ts").read_text())
        cls.tool("openapi-typescript/bin/cli.js", "openapi.json", "--output", "api.ts")
        cls.tool("typescript/bin/tsc", "--strict", "--noEmitOnError", "--target", "es2022", "--module", "nodenext",
                 "--skipLibCheck", "api_client.ts")

    @classmethod
    def tool(cls, program, *words):
        done = node(MODULES / "node_modules" / program, *words, cwd=cls.folder)
        if done.returncode:
            raise AssertionError(f"{program}: {done.stdout}{done.stderr}")

    def call(self, token, *words):
        done = node("api_client.js", self.server.url, token, *words, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_it_logs_a_person_in_and_redeems_the_link(self):
        address = fresh_email()
        answer = self.call(self.alpha, "log-in", address)
        self.assertEqual(answer["status"], 201)
        token = token_of(answer["loginUrl"])
        self.assertEqual(self.call(self.alpha, "redeem", token), {"status": 200, "email": address})
        self.assertEqual(self.call(self.alpha, "redeem", token), {"status": 410, "code": "link_spent"})

    def test_it_signs_somebody_in_by_telephone(self):
        phone = fresh_phone()
        self.assertEqual(self.call(self.site, "sms", phone), {"status": 201, "telephone": phone})
        code = code_in_text(self.server.wait_for_texts(1, phone)[-1])
        self.assertEqual(self.call(self.site, "auth", phone, code), {"status": 201, "isNew": True})
        self.assertEqual(self.call(self.site, "auth", phone, code)["status"], 400)


if __name__ == "__main__":
    unittest.main()
