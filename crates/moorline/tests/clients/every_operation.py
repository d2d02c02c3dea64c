"""Every operation of one of Codat's Python clients against the running program.

    python every_operation.py PACKAGE CLASS [--every-page] < surroundings.json

Each operation either succeeds, with a result of the type that the client promises; or is refused as a write that the platform lacks; or
is one of the paths that docs/API-QUIRKS.md lists as outside. Which of them it has to be follows from the request that the client sends.
"""

import argparse
import datetime
import decimal
import enum
import importlib
import inspect
import json
import re
import sys
import time
import typing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, TypeAdapter

QUIRKS = Path(__file__).resolve().parents[4] / "docs/API-QUIRKS.md"
# Stands for the id of a record until the request is about to be sent.
RECORD = "RECORD-ID"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
TODAY = datetime.date.today().isoformat()

# The published document gives this 204 a JSON body, which HTTP doesn't allow: the client can't read any server's answer.
MISUNDERSTOOD = {"settings.delete_api_key"}
# Answers with the configuration, where the published document promises records (docs/API-QUIRKS.md).
MISTYPED = {"custom_data_type.get_configuration"}

SETTING = {"data_type": "invoices", "fetch_on_first_link": True, "sync_schedule": 24, "sync_order": 4}
LINE = {"description": "Advice", "quantity": 1, "unit_amount": 10, "tax_rate_ref": {"id": "TX-NONE"}}
# What the older clients require of a document, and the others allow.
SUMS = {"sub_total": 10, "total_tax_amount": 0, "tax_amount": 0, "total_amount": 10, "amount_due": 10}
PDF = b"%PDF-1.7\n"
UPLOAD = {"file": {"file_name": "a.pdf", "content": PDF}, "content": PDF, "file_name": "a.pdf"}

# Members of requests by their names in the clients.
MEMBERS = {
    **{"page": 1, "page_size": 5, "period_length": 1, "periods_to_compare": 1, "number_of_periods": 1, "period_length_days": 30},
    **{"period_unit": "Month", "report_date": TODAY, "start_month": TODAY, "date_": TODAY, "date": TODAY},
    **{"product_identifier": "banking", "data_type": "invoices", "source_type": "banking", "report_type": "audit", "link_type": "invoices"},
    **{"attachment_id": UNKNOWN_ID, "rule_id": UNKNOWN_ID, "report_id": UNKNOWN_ID, "group_id": UNKNOWN_ID},
    **{"name": "Official", "custom_data_identifier": "bank-lines", "request_body": {"data_types": ["accountingBankAccounts"]}},
    "custom_data_type_configuration": {"data_source": "/bank_lines", "required_data": {"whole": "$"}, "key_by": ["$.id"], "source_modified_date": []},
    "supplemental_data_configuration": {
        "supplemental_data_config": {"extra": {"data_source": "/sales_documents", "pull_data": {"theirs": "their_reference"}, "push_data": {}}}
    },
    **{"company_request_body": {"name": "Replaced"}, "company_update_request": {"name": "Updated"}},
    **{"settings": [SETTING], "overrides_defaults": True, "allowed_origins": ["https://app.example"]},
    **{"update_connection_status": {"status": "Unlinked"}, "company_group_assignment": {"id": UNKNOWN_ID}},
    **{"url": "https://example.com/hooks", "event_types": ["read.completed"], "disabled": True, "type": "read.completed", "notifiers": {}},
    **{"redirect_url": "https://app.example/linked", "logo_url": "https://app.example/logo.svg", "icon_url": "https://app.example/icon.svg"},
    "customer": {"customer_name": "Official Client AB", "status": "Active"},
    "supplier": {"supplier_name": "Official Supplies", "status": "Active"},
    "accounting_supplier": {"supplier_name": "Official Loans", "status": "Active"},
    "invoice": {"customer_ref": {"id": "1"}, "issue_date": TODAY, "status": "Submitted", **SUMS, "line_items": [{**LINE, "account_ref": {"id": "LA-4000"}}]},
    "bill": {"supplier_ref": {"id": "1"}, "issue_date": TODAY, "status": "Open", **SUMS, "line_items": [{**LINE, "account_ref": {"id": "LA-6320"}}]},
    "attachment_upload": UPLOAD,
    "file_upload": UPLOAD,
}


def operations(client, path="", seen=None):
    """The methods of a client that send something, found by walking through it: `invoices.get` and so on."""
    seen = seen if seen is not None else set()
    for name in dir(client):
        if name.startswith("_") or name in ("api_client", "sdk_configuration"):
            continue
        member = getattr(client, name)
        at = f"{path}.{name}" if path else name
        if inspect.ismethod(member):
            if "retries" in inspect.signature(member).parameters and not name.endswith("_async"):
                yield at, member
        elif type(member).__module__.startswith("codat") and id(member) not in seen:
            seen.add(id(member))
            yield from operations(member, at, seen)


def in_order(at):
    """What makes something precedes what reads it, and what takes away comes last."""
    verb = at.rsplit(".", 1)[1]
    ranks = {"create": 0, "configure": 0, "add_product": 0, "upload": 0, "delete": 3, "unlink": 2, "remove_product": 3}
    return ranks.get(verb, 3 if verb.startswith("delete") else 1), at


def request_model(hint):
    """The typed model among the types that a client takes for a request."""
    for one in typing.get_args(hint) or (hint,):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def fits(hint, value):
    """True if a value is one of a type's. (The older clients take any object that isn't of their model for an absent one.)"""
    try:
        TypeAdapter(request_model(hint) or hint).validate_python(value)
    except ValueError:
        return False
    return True


def example(hint):
    """A value of a type, with what it requires and no more."""
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin in (list, dict):
        return [example(arguments[0])] if origin is list else {}
    if origin is typing.Literal:
        return arguments[0]
    if arguments:
        # A union, or a type with notes to it.
        return example(request_model(hint) or arguments[0])
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return {name: example(field.annotation) for name, field in hint.model_fields.items() if field.is_required()}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(iter(hint))
    simple = {int: 1, float: 1.0, decimal.Decimal: 1, bool: True, bytes: b"%PDF"}
    return simple.get(hint, TODAY)


class Walk:
    def __init__(self, package, name, surroundings, every_page):
        self.package = package
        self.around = surroundings
        self.every_page = every_page
        self.http = httpx.Client(timeout=60, event_hooks={"request": [self.before], "response": [self.after]})
        self.plain = httpx.Client(base_url=surroundings["platform"], headers={"authorization": surroundings["authorization"]}, timeout=60)
        self.exchanges = []
        self.outside = outside()
        self.supported = self.writable()
        self.client = self.connected(package, name)

    def connected(self, package, name):
        """The client, as its README makes one."""
        create = getattr(importlib.import_module(package), name)
        access = {"auth_header": self.around["authorization"]}
        if "security" in inspect.signature(create.__init__).parameters:
            models = importlib.import_module(f"{package}.models")
            access = {"security": getattr(models, "shared", models).Security(**access)}
        return create(**access, server_url=self.around["platform"], client=self.http, timeout_ms=60_000)

    def ask(self, path):
        answer = self.plain.get(path)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def writable(self):
        """The data types that the accounting platform can create or change."""
        found = self.ask(f"/integrations/{self.around['platforms']['accounting']}")
        return {
            feature["dataType"]
            for feature in found["datatypeFeatures"]
            if any(one["featureType"] != "Get" and one["featureState"] != "NotSupported" for one in feature["supportedFeatures"])
        }

    def before(self, request):
        """Puts the id of an existing record into the address, from the list that it belongs to."""
        path = request.url.path
        if RECORD in path:
            request.url = request.url.copy_with(path=path.replace(RECORD, self.record(path)))

    def record(self, path):
        parent = path.split(f"/{RECORD}")[0].replace("/push/", "/data/").replace("/options/", "/data/")
        for listed in (parent, re.sub(r"/connections/[^/]+/", "/", parent)):
            answer = self.plain.get(f"{listed}?pageSize=1")
            if answer.status_code == 200 and answer.json().get("results"):
                return answer.json()["results"][0]["id"]
        return "1"

    def after(self, response):
        response.read()
        self.exchanges.append(response)

    def settle(self):
        """Waits until no pull is under way: a second one of the same type would be refused."""
        until = time.monotonic() + 60
        while any("completed" not in one for one in self.ask(f"/companies/{self.around['company_id']}/data/history?pageSize=2000")["results"]):
            assert time.monotonic() < until, "pulls don't end"
            time.sleep(0.05)

    def members(self, at, model):
        """The members of an operation's request, as far as its model has them."""
        around = self.around
        kind = "accounting"
        if self.package == "codat_banking" or at.startswith("banking."):
            kind = "banking"
        elif self.package == "codat_commerce" or at.startswith("sales.") or at.endswith("get_commerce_profile"):
            kind = "commerce"
        known = {
            **MEMBERS,
            **{name: around[name] for name in ("company_id", "push_operation_key", "dataset_id", "client_id", "api_key_id", "webhook_id")},
            **{"connection_id": around["connections"][kind], "platform_key": around["platforms"]["accounting"]},
            **around["special"].get(at, {}),
        }
        found = {}
        for name, field in model.model_fields.items():
            if name in known and fits(field.annotation, known[name]):
                found[name] = known[name]
            elif name.endswith("_id") and field.is_required():
                found[name] = RECORD
            elif field.is_required() or request_model(field.annotation) is not None:
                found[name] = example(field.annotation)
        return found

    def call(self, at, method):
        """Calls one operation, and returns what is wrong with its outcome."""
        hints = typing.get_type_hints(getattr(method, "__func__", method), vars(sys.modules[method.__func__.__module__]))
        model = request_model(hints.get("request"))
        if "refresh" in at:
            self.settle()
        members = self.members(at, model) if model else {}
        self.exchanges.clear()
        failure, result = None, None
        try:
            result = method(request=TypeAdapter(model).validate_python(members)) if model else method()
        except Exception as error:  # noqa: BLE001: any error of a client's is an outcome
            failure = error
        if len(self.exchanges) != 1:
            return f"{len(self.exchanges)} requests in place of one: {failure!r}"
        answer = self.exchanges[0]
        about = f"{answer.request.method} {answer.request.url} {answer.status_code} {answer.text[:300]}"
        if answer.status_code < 300:
            if failure is not None and at not in MISUNDERSTOOD:
                return f"{failure!r}: {about}"
            return self.misread(at, result, answer, about, method, model, members) if failure is None else None
        if answer.status_code != 404 or type(failure).__name__ not in ("ErrorMessage", "SDKError"):
            return f"{failure!r}: {about}"
        return self.unfounded_refusal(answer, about)

    def misread(self, at, result, answer, about, method, model, members):
        """What a client's typed result lacks of the answer that it was read from."""
        if not answer.content or "json" not in answer.headers.get("content-type", ""):
            return None
        raw = answer.json()
        if at not in MISTYPED and not isinstance(result, (BaseModel, list)):
            return f"no typed result, but {result!r}: {about}"
        if not isinstance(raw, dict) or "results" not in raw or at in MISTYPED:
            return None
        if not raw["results"]:
            return f"empty: {about}"
        if len(result.results) != len(raw["results"]):
            return f"{len(result.results)} of {len(raw['results'])} records were read: {about}"
        if self.every_page and "page_size" in members:
            return self.all_pages(method, model, members, raw.get("totalResults", 0))
        return None

    def all_pages(self, method, model, members, total):
        found = 0
        for page in range(1, 1_000):
            result = method(request=TypeAdapter(model).validate_python({**members, "page": page, "page_size": 500}))
            found += len(result.results or [])
            if len(result.results or []) < 500:
                break
        return None if found >= total else f"{found} of {total} records on {page} pages"

    def unfounded_refusal(self, answer, about):
        error, path = answer.json()["error"], answer.request.url.path
        if answer.json()["statusCode"] != 404:
            return f"not the contract's envelope: {about}"
        if "not supported by platform(s)" in error:
            written = re.search(r"/(?:push|options)/([^/]+)(/.+)?$", path)
            if written is None:
                return f"a refusal of writing where nothing is written: {about}"
            data_type = {"accounts": "chartOfAccounts"}.get(written[1], written[1])
            possible = data_type in self.supported and answer.request.method != "DELETE" and "bankTransactions" not in path
            return f"{data_type} can be written: {about}" if possible else None
        if error == "NotFound":
            return None if any(pattern.fullmatch(path) for pattern in self.outside) else f"not listed as outside: {about}"
        return about


def outside():
    """The paths that docs/API-QUIRKS.md lists as outside."""
    section = QUIRKS.read_text().split("## Outside for now")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    patterns = []
    for path in re.findall(r"`([^`]+)`", " ".join(rows)):
        text = re.sub("^…", "/companies/{id}/connections/{id}", path)
        text = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(text))
        patterns.append(re.compile(re.sub("/…$", "(/.*)?", text)))
    assert len(patterns) > 10, patterns
    return patterns


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("package")
    arguments.add_argument("name")
    arguments.add_argument("--every-page", action="store_true", help="read every record of every list")
    given = arguments.parse_args()
    walk = Walk(given.package, given.name, json.load(sys.stdin), given.every_page)
    found = sorted(operations(walk.client), key=lambda one: in_order(one[0]))
    failed = 0
    for at, method in found:
        wrong = walk.call(at, method)
        if wrong is not None:
            failed += 1
            print(f"{given.package} {at}: {wrong}", flush=True)
    verdict = "FAILED" if failed else "ok"
    print(f"test result: {verdict}. {len(found) - failed} passed; {failed} failed; 0 ignored ({given.package})")
    sys.exit(1 if failed else 0)


main()
