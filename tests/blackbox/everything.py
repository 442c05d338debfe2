"""A day on all wires, in which people, partners and their attackers show and are given every kind of secret. What was
secret and what was about a person is remembered, so that others can look where it was left behind."""

import base64
import re
import urllib.parse

import state_portal
from support import CREATE, LOGIN, REDEEM, Client, bearer, code_in_text, fresh_phone, link_in, person, token_of
from test_sso import basic, opt_in_code

# No limit but that of guesses, and codes so long that no other number looks like one.
SETTINGS = {"log": "debug", "otp_digits": 10, "otp_pause_seconds": 0, "otp_per_hour": 1000, "otp_per_day": 1000,
            "sms_per_address_per_hour": 1000, "sign_in_per_address_per_minute": 1000}
STATE = "https://state.example"
AGREED = {"agb": True, "dataprotection": True}


def spellings(text):
    """A text as it is, and as it is likely to be written down; of base64 the part that depends on nothing around it."""
    octets = text.encode()
    inner = [base64.b64encode(b" " * shift + octets)[4:-4] for shift in range(3)]
    return {octets, urllib.parse.quote(text).encode(), urllib.parse.quote_plus(text).encode(), octets.hex().encode(),
            *(part for part in inner if len(part) >= 8)}


def found(texts, place):
    """What of these is in a place: name -> text, and octets."""
    return [what for what, text in texts.items() if any(octets in place for octets in spellings(text))]


class Listening(Client):
    """A client that keeps every refusal it hears."""

    def __init__(self, day, **headers):
        super().__init__(day.server, **headers)
        self._day = day

    def request(self, method, target, body=None, headers=None, form=None):
        answer = super().request(method, target, body, headers, form)
        if answer.status >= 400:
            self._day.hear(answer)
        return answer


class Day:
    """`secrets` and `personal` are texts by what they are; `refusals` is what was said to whom something was refused.
    `look` is called again and again in between, and `people` are who is here in the end, by address or number."""

    def __init__(self, server, look=lambda: None):
        self.server, self.look = server, look
        self.secrets, self.personal = {}, {"name": "Marker-Name", "person id": "Marker-Id"}
        self.refusals, self.people = [], []
        self.partners()
        for part in (self.links, self.somebody_elses_customer, self.passwords, self.telephones, self.access_tokens,
                     self.sign_ups, self.portal, self.strays):
            part()
            look()

    def browser(self, **headers):
        return Listening(self, **headers)

    def hear(self, answer):
        """Remembers what was said. A form leads back to the link it was asked for by, and to nobody else."""
        self.refusals.append(str(answer.headers).encode() + re.sub(rb' action="[^"]*"', b"", answer.body))

    def kept(self, what, text):
        """Remembers a secret, and gives it back."""
        self.secrets[what] = text
        return text

    def address(self, local):
        self.personal[f"address of {local}"] = local
        self.people.append(f"{local}@example.com")
        return self.people[-1]

    def phone(self):
        phone = fresh_phone()
        self.personal[f"number {len(self.personal)}"] = phone[3:]
        self.people.append(phone)
        return phone

    def cookies_of(self, browser, what):
        for name, value in browser.cookies.items():
            self.kept(f"cookie {name} of {what}", value)

    def letters(self, email):
        return [mail for mail in self.server.delivered() if mail["To"] == email]

    def mailed_code(self, email):
        [code] = set(re.findall(r"\b\d{10}\b", self.letters(email)[-1].get_body(("plain",)).get_content()))
        return self.kept(f"code to {email}", code)

    def texted_code(self, phone, what):
        self.server.delivered()
        return self.kept(f"code {what}", code_in_text(self.server.texts(phone)[-1]))

    def partners(self):
        for name, *rights in (("alpha", "partner", "redeem"), ("beta", "partner"), ("site", "sso"),
                              ("gate", "sunbird")):
            self.kept(f"token of {name}", self.server.partner(name, *rights))
        self.alpha, self.beta, self.site, self.gate = self.secrets.values()
        self.server.plan("PLAN-A", "alpha")
        self.server.plan("PLAN-B", "beta")
        self.server.must("channel", "add", "kerala")
        self.server.must("issuer", "add", STATE, "--public-key", str(state_portal.key("rsa").public), "--channel",
                         "kerala")

    def log_in(self, token, plan, email):
        user = person(email=email, bikePlanCode=plan, firstName="Marker-Name", partner_PersonID="Marker-Id")
        answer = self.browser().post(LOGIN, {"user": user}, bearer(token))
        return answer.url

    def links(self):
        email = self.address("marker-ada")
        url = self.log_in(self.alpha, "PLAN-A", email)
        self.kept("followed link", token_of(url))
        browser = self.browser()
        browser.get(url)
        self.browser(Referer=url).get(url)
        self.cookies_of(browser, "ada")
        home = browser.get("/home")
        self.kept("form token of home", home.page.forms[0]["fields"]["form_token"])
        browser.get("/session")
        browser.submit(home)
        redeemed = self.kept("redeemed link", token_of(self.log_in(self.alpha, "PLAN-A", email)))
        for _ in range(2):
            self.browser().post(REDEEM, {"token": redeemed}, bearer(self.alpha))

    def somebody_elses_customer(self):
        [email] = self.people
        url = self.log_in(self.beta, "PLAN-B", email)
        self.kept("link that waits", token_of(url))
        browser = self.browser()
        browser.get(url)
        self.cookies_of(browser, "who is asked")
        page = browser.get("/otp")
        code = self.mailed_code(email)
        browser.submit(page, text=self.kept("wrong code", f"{(int(code) + 1) % 10 ** 10:010}"))
        assert browser.submit(browser.get("/otp"), text=code).status == 303
        self.cookies_of(browser, "who agreed")

    def passwords(self):
        email = self.address("marker-bob")
        self.browser().post(CREATE, {"user": person(email=email, firstName="Marker-Name")}, bearer(self.alpha))
        link = link_in(self.letters(email)[-1])
        self.kept("password link", token_of(link))
        browser = self.browser()
        for what, password in (("short password", "velvet 77"), ("password", "velvet otter plays 7 quiet drums")):
            answer = browser.submit(browser.get(link), password=self.kept(what, password))
        assert answer.status == 303, answer
        self.cookies_of(browser, "bob")
        other = self.browser()
        wrong = self.kept("wrong password", "nine copper kites over a long lake")
        other.submit(other.get("/sign-in"), email=email, password=wrong)
        other.submit(other.get("/forgot-password"), email=email)
        self.look()
        again = link_in(self.letters(email)[-1])
        self.kept("link to another password", token_of(again))
        new = self.kept("another password", "seven amber boats under a wide bridge")
        assert other.submit(other.get(again), password=new).status == 303
        assert other.submit(other.get("/sign-in"), email=email, password=new).status == 303
        self.cookies_of(other, "bob again")

    def telephones(self):
        phone, email = self.phone(), self.address("marker-cyd")
        self.personal["push token"] = "marker-push-token"
        client, trusted = self.browser(), bearer(self.site)
        client.post("/sso/sms", {"telephone": phone})
        self.look()
        code = self.texted_code(phone, "to sign in")
        body = {"telephone": phone, "code": code, "pushToken": "marker-push-token"} | AGREED
        wrong = self.kept("wrong code by text", f"{(int(code) + 1) % 10 ** 10:010}")
        client.post("/sso/code", body | {"code": wrong}, trusted)
        auth_code = self.kept("auth code", client.post("/sso/auth", body, trusted).json["authCode"])
        query = urllib.parse.urlencode({"username": phone, "authCode": auth_code})
        assert client.request("GET", f"/sso/user?{query}", headers=trusted).status == 200
        client.request("GET", f"/sso/userx?{query}", headers=trusted)
        client.request("PATCH", "/sso/email", {"telephone": phone, "email": email}, trusted)
        self.look()
        token = self.kept("opt-in token", opt_in_code(self.letters(email)[-1]))
        client.get(f"/email-optin/{token}")
        for _ in range(2):
            client.request("PATCH", "/sso/email-optin", {"c": token})

    def access_tokens(self):
        form = {"grant_type": "client_credentials", "client_id": "site", "client_secret": self.site}
        access = self.kept("access token", self.browser().post("/oauth", form=form).json["access_token"])
        self.kept("credentials", basic("site", self.site)["Authorization"].split()[1])
        wrong = self.kept("wrong token", "onboard_" + "W" * 60)
        for headers in (bearer(access), basic("site", self.site), bearer(wrong), basic("site", wrong)):
            self.browser().post("/sso/user/status", {"user": [fresh_phone()]}, headers)

    def sign_ups(self):
        phone = self.phone()
        client, trusted = self.browser(), bearer(self.gate)
        client.post("/v1/otp/generate", {"request": {"key": phone, "type": "phone"}}, trusted)
        code = self.texted_code(phone, "to sign up")
        wrong = self.kept("wrong code to sign up", f"{(int(code) + 1) % 10 ** 10:010}")
        for typed in (wrong, code, code):
            client.post("/v1/otp/verify", {"request": {"key": phone, "type": "phone", "otp": typed}}, trusted)
        request = {"firstName": "Marker-Name", "phone": phone, "OTP": code}
        assert client.post("/v2/user/create", {"request": request}, trusted).status == 200
        client.request("GET", f"/v1/user/exists/phone/{phone}", headers=trusted)

    def portal(self):
        phone = self.phone()
        said = state_portal.claims(STATE, self.server.url, phone_number=phone, name="Marker-Name", sub="Marker-Id")
        signed = state_portal.token(said, state_portal.key("rsa"))
        for number, part in enumerate(signed.split(".")[1:]):
            self.kept(f"part {number} of a portal's token", part)
        browser = self.browser()
        for client in (browser, self.browser()):
            client.get(f"{state_portal.PATH}?token={signed}")
        self.cookies_of(browser, "a visitor")
        page = browser.get("/otp")
        code = self.texted_code(phone, "of a visit")
        browser.submit(page, text=self.kept("wrong code of a visit", f"{(int(code) + 1) % 10 ** 10:010}"))
        assert browser.submit(browser.get("/otp"), text=code).status == 303
        self.cookies_of(browser, "a teacher")

    def strays(self):
        """Secrets where nobody should put them."""
        secret, broken = self.secrets["another password"], self.secrets["redeemed link"]
        client = self.browser(User_Agent=secret, Referer=f"{self.server.url}/login/{broken}")
        for target in (f"/nothing/{broken}", f"/login/{broken}/more", f"/set-password/{broken}",
                       "/sign-in?" + urllib.parse.urlencode({"password": secret})):
            client.get(target)
        for path, token in ((LOGIN, self.alpha), (CREATE, self.alpha), (REDEEM, self.alpha), ("/sso/auth", self.site),
                            ("/v2/user/create", self.gate)):
            for body in (f'{{"password": "{secret}"', f'{{"a": "{broken}", "a": "{secret}"}}', f'["{secret}"]'):
                client.post(path, body, bearer(token))
        for path in ("/healthz", "/readyz", "/metrics"):
            self.hear(client.get(path))
