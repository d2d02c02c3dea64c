"""`tap-codat`, a Singer tap of another party, against the running program: `first` discovers and syncs, `second` syncs from the state it left.

What it writes has to be valid by its own schemas. No stream may be empty without a reason that is written here.
"""

import contextlib
import io
import json
import logging
import sys
from datetime import datetime
from pathlib import Path

import jsonschema
import singer
import tap_codat
import tap_codat.http

# Streams that no server can fill, or that Moorline doesn't have (docs/API-QUIRKS.md).
EMPTY = {
    "bank_account_transactions": "the tap never asks for them, since it reads bank accounts by the page",
    "bank_statements": "an endpoint that the contract no longer has",
    "bank_statement_lines": "they are parts of bank statements",
    "events": "an endpoint that the contract no longer has",
}
# Streams of records that have no key, by the tap's own doing.
KEYLESS = {"connections": "the tap takes a page of connections for a record"}
START = "2015-01-01T00:00:00Z"


def run(about, *arguments):
    """The messages that the tap writes, as an operator of one would start it."""
    folder = Path(about["folder"])
    config = folder / "tap.json"
    config.write_text(json.dumps({"start_date": START, "api_key": about["api_key"], "uat_urls": "false"}))
    # The address is a constant of the tap's.
    tap_codat.http.BASE_URL = about["platform"]
    sys.argv = ["tap-codat", "--config", str(config), *arguments]
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        tap_codat.main()
    return written.getvalue()


class Sync:
    """The messages of one sync, held to the schemas among them."""

    def __init__(self, text):
        self.records, self.schemas, self.states, self.faults = {}, {}, [], []
        for line in text.splitlines():
            message = json.loads(line)
            if message["type"] == "SCHEMA":
                self.schemas[message["stream"]] = message
                self.records.setdefault(message["stream"], [])
            elif message["type"] == "STATE":
                self.states.append(message["value"])
            elif message["type"] == "RECORD":
                self.take(message["stream"], message["record"])

    def take(self, stream, record):
        self.records[stream].append(record)
        schema = self.schemas[stream]
        checker = jsonschema.Draft4Validator(schema["schema"], format_checker=jsonschema.FormatChecker())
        self.faults += [f"{stream}: {fault.message[:200]} at {list(fault.path)}" for fault in checker.iter_errors(record)]
        if stream not in KEYLESS:
            self.faults += [f"{stream}: a record without its key {key}" for key in schema["key_properties"] if record.get(key) is None]


def first(about):
    catalog = json.loads(run(about, "--discover"))
    streams = [one["tap_stream_id"] for one in catalog["streams"]]
    for one in catalog["streams"]:
        one["schema"]["selected"] = True
    chosen = Path(about["folder"]) / "catalog.json"
    chosen.write_text(json.dumps(catalog))
    sync = Sync(run(about, "--properties", str(chosen)))
    (Path(about["folder"]) / "state.json").write_text(json.dumps(sync.states[-1]))
    yield from sync.faults
    for stream in streams:
        count = len(sync.records.get(stream, []))
        if (count == 0) != (stream in EMPTY):
            yield f"{stream}: {count} records, although {EMPTY.get(stream, 'there is something to read')}"
    print(f"tap-codat, first sync: {sum(map(len, sync.records.values()))} records of {len(sync.records)} streams")


def time_of(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def second(about):
    folder = Path(about["folder"])
    sync = Sync(run(about, "--properties", str(folder / "catalog.json"), "--state", str(folder / "state.json")))
    yield from sync.faults
    began = json.loads((folder / "state.json").read_text())["bookmarks"]
    for stream, records in sync.records.items():
        for record in records:
            mark = began.get(f"{stream}.{record['companyId']}" if stream != "companies" else "", {}).get("last_record")
            # As times: of two texts, one may have parts of a second.
            if mark and time_of(record["modifiedDate"]) < time_of(mark):
                yield f"{stream}: a record of {record['modifiedDate']}, although the tap asked for those after {mark}"
    names = [supplier.get("supplierName") for supplier in sync.records["suppliers"] if supplier["companyId"] == about["company_id"]]
    if "After the first sync" not in names:
        yield f"suppliers: the change is missing among {names}"
    # The tap keeps whole seconds: what came in the last second of the first sync comes again.
    print(f"tap-codat, second sync: {sum(map(len, sync.records.values()))} records of {len(sync.records)} streams")


def main():
    logging.disable(logging.WARNING)
    which = {"first": first, "second": second}[sys.argv[1]]
    faults = list(which(json.load(sys.stdin)))
    counts = {}
    for fault in faults:
        counts[fault] = counts.get(fault, 0) + 1
    for fault, count in list(counts.items())[:50]:
        print(f"tap-codat: {fault} ({count} times)")
    verdict = "FAILED" if faults else "ok"
    print(f"test result: {verdict}. {0 if faults else 1} passed; {1 if faults else 0} failed; 0 ignored (tap-codat, {which.__name__} sync)")
    sys.exit(1 if faults else 0)


main()
