"""Calls every operation of our own OpenAPI document, many times, on the real program with the real sandbox behind it.

    python run.py PROGRAM --requests 2000 [--malformed 1000] [--examples 4] [--thorough] [--database-url postgres://…]

It fails on a server error, on a status, content type, header or body that the document doesn't have, on an operation that never
succeeded, and if fewer requests were made than requested, or fewer malformed ones.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

import demo

HERE = Path(__file__).resolve().parent


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--requests", type=int, required=True, help="at least so many")
    arguments.add_argument("--malformed", type=int, default=0, help="at least so many of them wrong by design")
    arguments.add_argument("--phases", default="examples,coverage,fuzzing")
    arguments.add_argument("--examples", type=int, default=4, help="of each operation while fuzzing")
    arguments.add_argument("--thorough", action="store_true", help="every boundary of every operation, the many alike ones included")
    arguments.add_argument("--database-url", help="PostgreSQL, instead of a SQLite file")
    given = arguments.parse_args()

    with tempfile.TemporaryDirectory() as folder, demo.running(given.program, Path(folder), given.database_url) as said:
        failed = examine(given, said, Path(folder))
    sys.exit(1 if failed else 0)


def examine(given, said, folder):
    tally = folder / "tally.json"
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE),
        "PYTHONHASHSEED": "0",
        "MOORLINE_URL": said["platform"],
        "SANDBOX_URL": said["sandbox"],
        "MOORLINE_API_KEY": said["apiKey"],
        "SANDBOX_SECRET": said["secret"],
        "TALLY": str(tally),
        "THOROUGH": "1" if given.thorough else "",
    }
    document = requests.get(f"{said['platform']}/openapi.json", timeout=20).json()
    # From a file: an address that a document is fetched from isn't among the tested operations.
    schema = folder / "openapi.json"
    schema.write_text(json.dumps(document))
    began = time.monotonic()
    run = subprocess.run(
        [
            *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
            *("--config-file", HERE / "schemathesis.toml", "run", schema, "--url", said["platform"]),
            *("--auth", f"{said['apiKey']}:", "--phases", given.phases, "--max-examples", str(given.examples), "--no-color"),
        ],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
    )
    took = time.monotonic() - began
    counts = json.loads(tally.read_text()) if tally.exists() else {}
    return judge(given, run.returncode, counts, document, took)


# No platform's folder can do these yet: the contract's 404 for unsupported operations is their only answer.
UNSUPPORTED = {
    "DELETE /companies/{companyId}/connections/{connectionId}/push/{dataType}/{recordId}",
    "GET /companies/{companyId}/connections/{connectionId}/options/bankAccounts/{accountId}/bankTransactions",
    "POST /companies/{companyId}/connections/{connectionId}/push/bankAccounts/{accountId}/bankTransactions",
}
# Reached only if a grant opens several businesses, and none of the sandbox's does: see tests/it/connecting/several_businesses.rs.
UNREACHED = {
    "GET /companies/{companyId}/connections/{connectionId}/choose",
    "POST /companies/{companyId}/connections/{connectionId}/choose",
    # Reached only by a company's own people with a link of theirs: see tests/it/companies/owners.rs and tests/it/record/receipts.rs.
    "GET /company/{companyId}/sharing",
    "POST /company/{companyId}/sharing",
    "POST /company/{companyId}/sharing/disconnect",
    "POST /company/{companyId}/sharing/requests",
    "PATCH /dataRequests/{dataRequestId}",
    "GET /receipt/{consentId}",
    "GET /receipt/{consentId}/signed",
    # Reached only of a platform that calls: see tests/it/machines.
    "GET /companies/{companyId}/connections/{connectionId}/setup",
    "GET /companies/{companyId}/connections/{connectionId}/setup/file",
    "GET /companies/{companyId}/connections/{connectionId}/machine",
    "PUT /companies/{companyId}/connections/{connectionId}/machine",
    "GET /machines/{platformKey}",
    "POST /machines/{platformKey}",
    # Reached only by a link of a platform that takes certificates, and by a customer's browser that comes back from a strict link: see
    # tests/it/connecting/certificates.rs and strict_links.rs.
    "GET /companies/{companyId}/connections/{connectionId}/certificate",
    "POST /companies/{companyId}/connections/{connectionId}/certificate",
    "POST /companies/{companyId}/connections/{connectionId}/confirmation",
    # Reached only with files in the form: see tests/it/connecting/files.
    "GET /companies/{companyId}/files/download",
    "POST /companies/{companyId}/connections/{connectionId}/files",
    "POST /companies/{companyId}/connections/{connectionId}/upload",
    # Reached only where a one-time link suffices for Link: see tests/it/connecting/embedded.rs.
    "POST /companies/{companyId}/link/session",
    # Known only of a person who authorised by a link with openId=true: see tests/it/connecting/disclosures.rs.
    "GET /companies/{companyId}/connections/{connectionId}/person",
}
OUT_OF_REACH = UNSUPPORTED | UNREACHED


def judge(given, code, counts, document, took):
    """Prints the outcome, and returns the number of failures."""
    failed = 0
    operations = [
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
    ]
    for at in operations:
        statuses = counts.get(at, {})
        if (at in OUT_OF_REACH) == any(status < "400" for status in statuses):
            print(f"{'succeeded unexpectedly' if at in OUT_OF_REACH else 'never succeeded'}: {at} {statuses}")
            failed += 1
    malformed = sum(counts.pop("malformed", {}).values())
    requests_made = sum(sum(statuses.values()) for statuses in counts.values())
    by_class = {}
    for statuses in counts.values():
        for status, count in statuses.items():
            by_class[f"{status[0]}xx"] = by_class.get(f"{status[0]}xx", 0) + count
    shown = ", ".join(f"{count} {kind}" for kind, count in sorted(by_class.items()))
    print(f"{requests_made} requests to {len(operations)} operations in {took:.0f} s, {malformed} of them malformed: {shown}")
    if requests_made < given.requests:
        print(f"fewer than the {given.requests} requests of --requests")
        failed += 1
    if malformed < given.malformed:
        print(f"fewer malformed ones than the {given.malformed} of --malformed")
        failed += 1
    if code != 0:
        failed = max(failed, 1)
    # As cargo's test runner closes, which is how `cargo xtask` counts.
    verdict = "FAILED" if failed else "ok"
    print(f"test result: {verdict}. {len(operations) - min(failed, len(operations))} passed; {failed} failed; 0 ignored")
    return failed


main()
