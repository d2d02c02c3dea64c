"""Other parties' clients in Python against the real program with the real sandbox behind it.

    python run.py PROGRAM --current PYTHON --older PYTHON --tap PYTHON [--thorough] [--database-url postgres://…]

Three Pythons, because the clients want different versions of the same libraries. A client without one is left out.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "schemathesis"))

import demo  # noqa: E402: beside the other tests that are told in Python
from world import PLATFORMS, World  # noqa: E402

CLIENTS = {
    "codat_platform": ("CodatPlatform", "current"),
    "codat_lending": ("CodatLending", "current"),
    "codat_accounting": ("CodatAccounting", "older"),
    "codat_banking": ("CodatBanking", "older"),
    "codat_commerce": ("CodatCommerce", "older"),
    "codat_common": ("CodatCommon", "older"),
}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    for python in ("current", "older", "tap"):
        arguments.add_argument(f"--{python}", required=True)
    arguments.add_argument("--thorough", action="store_true", help="every record of every list")
    arguments.add_argument("--database-url", help="PostgreSQL, instead of a SQLite file")
    given = arguments.parse_args()

    with tempfile.TemporaryDirectory() as folder, demo.running(given.program, Path(folder), given.database_url) as said:
        enable(given, Path(folder), "upac")
        world = World(said["platform"], said["sandbox"], said["apiKey"], said["secret"])
        world.furnish(world.ask("GET", "/openapi.json"))
        world.files = world.ask("POST", f"/companies/{world.company}/connections", {"platformKey": "upac"})["id"]
        failed = sum(walk(given, world, package) for package in CLIENTS) + tap(given, world, Path(folder))
    sys.exit(1 if failed else 0)


def enable(given, folder, key):
    """Offers a platform that is off at first, as an operator does beside the running program."""
    environment = {**os.environ, **({"MOORLINE_DATABASE_URL": given.database_url} if given.database_url else {})}
    command = [given.program, "--config", folder / "moorline.toml", "integrations", "enable", key]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def walk(given, world, package):
    """All operations of one client; 1 if any of them is wrong."""
    name, python = CLIENTS[package]
    began = time.monotonic()
    # The clients mark methods as deprecated that they still have.
    command = [getattr(given, python), "-W", "ignore::DeprecationWarning", HERE / "every_operation.py", package, name, *(["--every-page"] if given.thorough else [])]
    run = subprocess.run(command, input=json.dumps(surroundings(world)), text=True)
    print(f"{package}: {time.monotonic() - began:.1f} s", flush=True)
    return int(run.returncode != 0)


def surroundings(world):
    """Ids that a client's operations need, with spare ones for those that take something away."""
    world.drop_keys()
    company = world.new_company("Spare")
    pending = world.new_connection(company, "banking")["id"]
    doomed = world.new_connection(company, "commerce")["id"]
    linked = world.link(world.new_company("Linked"), "banking")
    of_linked = next(one["id"] for one in world.ask("GET", "/companies?query=name=Linked&orderBy=-created")["results"])
    spare, setting = {"company_id": company}, {"data_type": "invoices", "fetch_on_first_link": True, "sync_schedule": 24, "sync_order": 4}
    settings = {"company_id": company, "settings": [setting], "overrides_defaults": True}
    world.settle(of_linked)
    return {
        "platform": world.platform,
        "authorization": "Basic " + base64.b64encode(f"{world.key}:".encode()).decode(),
        "platforms": PLATFORMS,
        "company_id": world.company,
        "connections": world.connections,
        "push_operation_key": world.push,
        "dataset_id": world.dataset,
        "client_id": world.ask("GET", "/profile/syncSettings")["clientId"],
        "api_key_id": world.spare_key(),
        "webhook_id": world.spare_webhook(),
        "special": {
            "companies.replace": spare,
            "companies.update": spare,
            "companies.add_product": spare,
            "companies.remove_product": spare,
            "companies.delete": {"company_id": world.new_company("Doomed")},
            "companies.refresh_product_data": {"company_id": world.pulled, "request_body": {"data_types": ["banking-accounts"]}},
            "companies.set_company_sync_settings": {**spare, "request_body": settings},
            "file_upload.upload": {"connection_id": world.files},
            "connections.create": {**spare, "request_body": {"platform_key": PLATFORMS["banking"]}},
            "connections.delete": {**spare, "connection_id": doomed},
            "connections.unlink": {"company_id": of_linked, "connection_id": linked, "request_body": {"status": "Unlinked"}},
            "connections.update_authorization": {**spare, "connection_id": pending, "request_body": {"accessToken": world.token("banking")}},
        },
    }


def tap(given, world, folder):
    """The Singer tap: what it discovers, syncs, and syncs once more after a change."""
    about = {
        "platform": world.platform,
        "api_key": f"{world.key}:",
        "company_id": world.company,
        "folder": str(folder),
    }
    first = subprocess.run([given.tap, HERE / "tap.py", "first"], input=json.dumps(about), text=True)
    through = f"/companies/{world.company}/connections/{world.connections['accounting']}"
    world.ask("POST", f"{through}/push/suppliers", {"supplierName": "After the first sync", "status": "Active"})
    until = time.monotonic() + 60
    while not world.ask("GET", f"/companies/{world.company}/data/suppliers?query=supplierName=After the first sync")["results"]:
        assert time.monotonic() < until, "the written supplier is never read"
        time.sleep(0.05)
    second = subprocess.run([given.tap, HERE / "tap.py", "second"], input=json.dumps(about), text=True)
    return int(first.returncode != 0) + int(second.returncode != 0)


if __name__ == "__main__":
    main()
