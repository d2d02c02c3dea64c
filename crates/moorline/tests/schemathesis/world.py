"""The data behind the operations: companies with everything pulled, and spare ones to be deleted or used up."""

import base64
import hashlib
import html
import os
import re
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests

PLATFORMS = {"accounting": "mqjo", "commerce": "aiwb", "banking": "qhnd"}
BUSINESS = "lindqvist-snickeri"
PERSON = "maya.okafor@practice.example"
FORM = "application/x-www-form-urlencoded"
# No process listens there: messages to a consumer never leave this machine.
NOBODY = "http://127.0.0.1:9/hooks"


class Customer:
    """A customer's browser: keeps cookies, follows no redirect by itself."""

    def __init__(self, world):
        self.world = world
        self.session = requests.Session()

    def open(self, url):
        return self.session.get(url, allow_redirects=False, timeout=20)

    def submit(self, url, fields):
        headers = {"sec-fetch-site": "same-origin"}
        return self.session.post(url, data=fields, headers=headers, allow_redirects=False, timeout=20)

    def fields_of(self, link):
        """The fields that the start page's form would send, every step answered."""
        page = self.open(link)
        assert page.status_code == 200, page.text
        fields = dict(parse_qsl(urlsplit(link).query))
        for tag in re.findall(r"<input([^>]*)>", page.text):
            attributes = dict(re.findall(r'([\w.-]+)="([^"]*)"', tag))
            if "name" in attributes:
                fields.setdefault(attributes["name"], html.unescape(attributes.get("value", "on")))
        return fields

    def set_out(self, link):
        """Agrees to everything, and returns the platform's authorization URL."""
        answer = self.submit(link.split("?")[0], self.fields_of(link))
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def callback(self, link):
        """The address that the platform redirects the browser to."""
        return self.world.at_sandbox("answer", authorization_url=self.set_out(link), person=PERSON, business=BUSINESS)["redirect_to"]

    def connect(self, link):
        answer = self.open(self.callback(link))
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


@dataclass
class World:
    platform: str
    sandbox: str
    key: str
    oauth_secret: str
    company: str = ""
    connections: dict = field(default_factory=dict)
    records: dict = field(default_factory=dict)

    @classmethod
    def from_environment(cls):
        names = ("MOORLINE_URL", "SANDBOX_URL", "MOORLINE_API_KEY", "SANDBOX_SECRET")
        return cls(*(os.environ[name] for name in names))

    def __post_init__(self):
        self.session = requests.Session()
        self.session.auth = (self.key, "")
        component = requests.get(f"{self.platform}/sdk/connections.js", timeout=20).text
        # The hash of all words, as the component knows it.
        self.words = re.search(r"/sdk/words/[^`]*?\.([0-9a-f]{12})\.json", component)[1]

        component = requests.get(f"{self.platform}/sdk/link.js", timeout=20).text
        # A part's file, by its digest, as the component knows it.
        digest = re.search(r"asking ([A-Za-z0-9+/=]{64})", component)[1]
        self.part = f"asking.{re.sub(r'[^A-Za-z0-9_]', '', digest)[:16]}.js"

    def ask(self, method, path, body=None, **more):
        answer = self.session.request(method, self.platform + path, json=body, timeout=60, allow_redirects=False, **more)
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def at_sandbox(self, path, **body):
        answer = requests.post(f"{self.sandbox}/control/api/{path}", json=body, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def end_here(self):
        """Resets the redirect URL, so that Moorline's own pages end a visit."""
        self.ask("PUT", "/profile", {"name": "Tidewell", "redirectUrl": ""})

    def new_company(self, name):
        return self.ask("POST", "/companies", {"name": name})["id"]

    def new_connection(self, company, kind):
        return self.ask("POST", f"/companies/{company}/connections", {"platformKey": PLATFORMS[kind]})

    def link(self, company, kind):
        """A connection that a customer has authorised."""
        made = self.new_connection(company, kind)
        Customer(self).connect(made["linkUrl"])
        return made["id"]

    def settle(self, company, seconds=90):
        """Waits until nothing of the company is being pulled."""
        until = time.monotonic() + seconds
        while True:
            history = self.ask("GET", f"/companies/{company}/data/history?pageSize=2000")["results"]
            if all("completed" in one for one in history):
                return history
            assert time.monotonic() < until, "pulls don't end"
            time.sleep(0.05)

    def token(self, kind):
        """An access token of the platform's, as a team that migrates to Moorline would import."""
        client = f"moorline-{kind}"
        back = f"{self.platform}/oauth/{PLATFORMS[kind]}/callback"
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        question = requests.Request(
            "GET",
            f"{self.sandbox}/oauth/authorize",
            params={
                "response_type": "code",
                "client_id": client,
                "redirect_uri": back,
                "scope": f"{kind}.read offline_access",
                "state": "seed",
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            },
        )
        answer = self.at_sandbox("answer", authorization_url=question.prepare().url, person=PERSON, business=BUSINESS)
        code = parse_qs(urlsplit(answer["redirect_to"]).query)["code"][0]
        given = requests.post(
            f"{self.sandbox}/oauth/token",
            auth=(client, self.oauth_secret),
            data={"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier},
            timeout=20,
        )
        assert given.ok, given.text
        return given.json()["access_token"]

    def import_token(self, company, connection, kind):
        path = f"/companies/{company}/connections/{connection}/authorization"
        self.ask("PUT", path, {"accessToken": self.token(kind)})

    def furnish(self, document):
        """Makes everything that the operations need."""
        self.end_here()
        self.ask("PUT", f"/integrations/{PLATFORMS['accounting']}/dataTypes/custom/bank-lines", {
            "dataSource": "/bank_lines",
            # The published models have objects for values, and typed clients refuse any other.
            "requiredData": {"whole": "$"},
            "keyBy": ["$.id"],
        })
        self.company = self.new_company("everything")
        self.connections = {kind: self.link(self.company, kind) for kind in PLATFORMS}
        # For refreshing: a pull under way would be a refusal.
        self.pulled = self.new_company("pulled")
        self.pulled_connection = self.link(self.pulled, "banking")
        self.ask("PUT", f"/companies/{self.pulled}/products/banking")
        self.edited = self.new_company("edited")
        self.edited_connection = self.new_connection(self.edited, "commerce")["id"]
        for company in (self.company, self.pulled):
            unfinished = [one for one in self.settle(company) if one["status"] not in ("Complete", "NotSupported")]
            assert not unfinished, unfinished
        through = f"/companies/{self.company}/connections/{self.connections['accounting']}"
        self.ask("POST", f"{through}/data/queue/custom/bank-lines")
        asked = self.ask("POST", f"{through}/push/customers", {"customerName": "Seed & Sons", "status": "Active"})
        self.push = asked["pushOperationKey"]
        self.dataset = self.settle(self.company)[0]["id"]
        for path in document["paths"]:
            if path.endswith("/{id}"):
                listed = path.removesuffix("/{id}").format(companyId=self.company, connectionId=self.connection_for(path))
                self.records[path] = self.ask("GET", f"{listed}?pageSize=1")["results"][0]["id"]
        banks = "/companies/{companyId}/connections/{connectionId}/data/bankAccounts/{id}"
        self.records[f"{banks}/bankTransactions"] = self.records[banks]
        self.webhook = self.new_webhook()
        self.message = self.ask("POST", f"/webhooks/{self.webhook}/test", {})["id"]
        self.kept_keys = {key["id"] for key in self.ask("GET", "/apiKeys")["results"]}

    def lasting(self):
        """The ids that must exist to the end."""
        companies = {self.company, self.pulled, self.edited}
        return companies | {*self.connections.values(), self.pulled_connection, self.edited_connection, self.webhook, *self.kept_keys}

    def connection_for(self, path):
        kind = next((kind for kind in ("commerce", "banking") if f"/data/{kind}-" in path), "accounting")
        return self.connections[kind]

    def new_webhook(self):
        return self.ask("POST", "/webhooks", {"url": NOBODY, "eventTypes": ["connection.*"]})["id"]

    def spare_webhook(self):
        """A consumer that may be changed in any way; it is gone before the next is made."""
        for one in self.ask("GET", "/webhooks")["results"]:
            if one["id"] != self.webhook:
                self.ask("DELETE", f"/webhooks/{one['id']}")
        return self.new_webhook()

    def spare_key(self):
        """A key that may be deleted: the client has ten at most."""
        self.drop_keys()
        return self.ask("POST", "/apiKeys", {"name": "spare"})["id"]

    def drop_keys(self):
        for key in self.ask("GET", "/apiKeys")["results"]:
            if key["id"] not in self.kept_keys:
                self.ask("DELETE", f"/apiKeys/{key['id']}")

    def company_link(self, company):
        return self.ask("GET", f"/companies/{company}")["redirect"]
