"""Puts real ids into the cases that schemathesis generates, and counts the answers.

A generated id is a 404 and tests little, so most requests whose path schemathesis means to be valid get the ids of existing data: requests that
delete or use up something get a spare one of their own each time. The choice depends on a request's content and on earlier successes:
the same seed sends the same requests.
"""

import atexit
import hashlib
import json
import os
from collections import Counter, defaultdict
from urllib.parse import parse_qsl, urlsplit

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase

from world import FORM, PLATFORMS, Customer, World

world = World.from_environment()
tally = defaultdict(Counter)


@schemathesis.hook
def after_load_schema(context, schema):
    world.furnish(schema.raw_schema)


def is_right(case, part):
    """True if a part of the request was generated as valid, and is not the subject of this very case."""
    meta = case._meta
    if meta is None or part not in meta.components:
        return True
    about = getattr(meta.phase.data, "parameter_location", None)
    return meta.components[part].mode is GenerationMode.POSITIVE and (about is not part or meta.phase.name is not TestPhase.COVERAGE)


def body_is_right(case):
    meta = case._meta
    return meta is None or ParameterLocation.BODY not in meta.components or meta.components[ParameterLocation.BODY].mode is GenerationMode.POSITIVE


def is_malformed(case):
    """True if a part of the request was generated to be wrong."""
    return case._meta is not None and any(part.mode is GenerationMode.NEGATIVE for part in case._meta.components.values())


def dice(case, sides):
    """A number that depends on the request alone, not on the requests before it."""
    text = json.dumps([case.method, case.path, case.path_parameters, case.query, repr(case.body)], default=repr, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % sides


def standing(case):
    """The ids that most paths use."""
    path = case.path
    parameters = {
        "companyId": world.company,
        "connectionId": world.connection_for(path),
        "platformKey": PLATFORMS["accounting"],
        "productIdentifier": "banking",
        "datasetId": world.dataset,
        "pushOperationKey": world.push,
        "webhookId": world.webhook,
        "messageId": world.message,
        "customDataIdentifier": "bank-lines",
        "version": f"v{case.operation.schema.raw_schema['info']['version']}",
    }
    if path in world.records:
        parameters["id"] = world.records[path]
    if "/options/" in path or "/push/" in path:
        parameters["dataType"] = ["customers", "suppliers", "invoices", "bills"][dice(case, 4)]
        parameters["recordId"] = world.records["/companies/{companyId}/data/customers/{id}"]
    if "/link/assets/" in path:
        parameters["file"] = "icon.svg"
    if "/sdk/words/" in path:
        parameters["file"] = f"de.{world.words}.json"
    if "/sdk/parts/" in path:
        parameters["file"] = world.part
    if "/reference/" in path:
        parameters["file"] = "reference.css"
    return parameters


def edited(case):
    return {"companyId": world.edited, "connectionId": world.edited_connection}


def spare_company(case):
    return {"companyId": world.new_company("spare")}


def spare_connection(case):
    return {"companyId": world.edited, "connectionId": world.new_connection(world.edited, "banking")["id"]}


def linked_connection(case):
    ids = spare_connection(case)
    if body_is_right(case):
        world.import_token(ids["companyId"], ids["connectionId"], "banking")
    return ids


def with_a_token(case):
    if body_is_right(case) and isinstance(case.body, dict):
        case.body = {"accessToken": world.token("banking")}
    return spare_connection(case)


def quiet(case):
    """The ids of a company without a pull under way."""
    if body_is_right(case):
        world.settle(world.pulled)
    return {"companyId": world.pulled, "connectionId": world.pulled_connection}


def quiet_type(case):
    ids = quiet(case)
    return {**ids, "dataType": "banking-accounts"} if dice(case, 4) else ids


def quiet_accounting(case):
    world.settle(world.company)
    return {}


def own_settings(case):
    """Unlocks the settings: the client's may have locked those that a company sets."""
    world.ask("POST", "/profile/syncSettings", {"settings": [], "overridesDefaults": False})
    return edited(case)


def with_product(case):
    world.ask("PUT", f"/companies/{world.edited}/products/commerce")
    return {"companyId": world.edited, "productIdentifier": "commerce"}


def spare_key(case):
    return {"apiKeyId": world.spare_key()}


def room_for_keys(case):
    world.drop_keys()
    return {}


def spare_webhook(case):
    return {"webhookId": world.spare_webhook()}


def spare_type(case):
    return {"customDataIdentifier": "spare-lines"}


def posted(case, fields):
    """A form of the hosted pages."""
    if body_is_right(case) and case.media_type == FORM:
        case.body = fields
    case.headers["sec-fetch-site"] = "same-origin"


def fresh_link(case):
    made = world.new_connection(world.edited, "commerce")
    if case.method == "GET":
        case.query = dict(parse_qsl(urlsplit(made["linkUrl"]).query))
    else:
        posted(case, Customer(world).fields_of(made["linkUrl"]))
    return {"companyId": world.edited, "connectionId": made["id"]}


def company_link(case):
    company = world.new_company("visited")
    fields = dict(parse_qsl(urlsplit(world.company_link(company)).query))
    if case.method == "GET":
        case.query = fields
    else:
        posted(case, {**fields, "platformKey": PLATFORMS["commerce"]})
    return {"companyId": company}


def callback(case):
    made = world.new_connection(world.new_company("visitor"), "banking")
    customer = Customer(world)
    case.query = dict(parse_qsl(urlsplit(customer.callback(made["linkUrl"])).query))
    case.cookies = customer.session.cookies.get_dict()
    return {"platformKey": PLATFORMS["banking"]}


def result_of_connection(case):
    world.end_here()
    company = world.new_company("visitor")
    made = world.new_connection(company, "banking")
    customer = Customer(world)
    leave = made["linkUrl"].split("?")[0].removesuffix("/start") + "/leave"
    return seen(case, customer, customer.submit(leave, customer.fields_of(made["linkUrl"])), company, made["id"])


def result_of_company(case):
    world.end_here()
    company = world.new_company("visitor")
    link = world.company_link(company)
    customer = Customer(world)
    answer = customer.submit(link.split("?")[0] + "/leave", dict(parse_qsl(urlsplit(link).query)))
    return seen(case, customer, answer, company, None)


def seen(case, customer, answer, company, connection):
    assert answer.status_code == 303, answer.text
    case.query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    case.cookies = customer.session.cookies.get_dict()
    return {"companyId": company, "connectionId": connection}


SAMPLES = {
    "/companies/{companyId}/data/invoices",
    "/companies/{companyId}/data/invoices/{id}",
    "/companies/{companyId}/data/financials/profitAndLoss",
    "/companies/{companyId}/connections/{connectionId}/data/banking-transactions",
}

# Operations that need other ids than most paths use.
SUBJECTS = {
    "DELETE /companies/{companyId}": spare_company,
    "PUT /companies/{companyId}": edited,
    "PATCH /companies/{companyId}": edited,
    "POST /companies/{companyId}/connections": edited,
    "DELETE /companies/{companyId}/connections/{connectionId}": spare_connection,
    "PATCH /companies/{companyId}/connections/{connectionId}": linked_connection,
    "PUT /companies/{companyId}/connections/{connectionId}/authorization": with_a_token,
    "POST /companies/{companyId}/data/all": quiet,
    "POST /companies/{companyId}/data/queue/{dataType}": quiet_type,
    "POST /companies/{companyId}/products/{productIdentifier}/refresh": quiet,
    "POST /companies/{companyId}/connections/{connectionId}/data/queue/custom/{customDataIdentifier}": quiet_accounting,
    "POST /companies/{companyId}/syncSettings": own_settings,
    "PUT /companies/{companyId}/products/{productIdentifier}": edited,
    "DELETE /companies/{companyId}/products/{productIdentifier}": with_product,
    "POST /apiKeys": room_for_keys,
    "DELETE /apiKeys/{apiKeyId}": spare_key,
    "PATCH /webhooks/{webhookId}": spare_webhook,
    "DELETE /webhooks/{webhookId}": spare_webhook,
    "PUT /integrations/{platformKey}/dataTypes/custom/{customDataIdentifier}": spare_type,
    "GET /companies/{companyId}/connections/{connectionId}/start": fresh_link,
    "POST /companies/{companyId}/connections/{connectionId}/start": fresh_link,
    "POST /companies/{companyId}/connections/{connectionId}/leave": fresh_link,
    "GET /companies/{companyId}/connections/{connectionId}/result": result_of_connection,
    "GET /company/{companyId}": company_link,
    "POST /company/{companyId}/connect": company_link,
    "POST /company/{companyId}/not-listed": company_link,
    "POST /company/{companyId}/leave": company_link,
    "GET /company/{companyId}/result": result_of_company,
    "GET /oauth/{platformKey}/callback": callback,
}


@schemathesis.hook
def filter_case(context, case):
    """The data resources are alike: of their boundaries, the first few stand for all unless the run is thorough."""
    if os.environ.get("THOROUGH") or case._meta is None or case._meta.phase.name is not TestPhase.COVERAGE:
        return True
    is_alike = case.method.upper() == "GET" and "/data/" in case.path and case.path not in SAMPLES
    return not is_alike or dice(case, 12) == 0


@schemathesis.hook
def before_call(context, case, kwargs):
    at = f"{case.method.upper()} {case.path}"
    succeeded = any(status < 400 for status in tally[at])
    # schemathesis remembers ids from answers, and would destroy with them what the other operations need.
    spoils = case.method.upper() != "GET" and any(value in world.lasting() for value in (case.path_parameters or {}).values())
    # One in eight stays as it was generated.
    if not spoils and (not is_right(case, ParameterLocation.PATH) or (succeeded and dice(case, 8) == 0)):
        return
    # A generated query or order is a 400 in any case: half of the list requests go without.
    if case.query and is_right(case, ParameterLocation.QUERY) and (not succeeded or dice(case, 2) == 0):
        case.query = {name: value for name, value in case.query.items() if name not in ("query", "orderBy", "tags")}
    subject = SUBJECTS.get(at)
    found = {**standing(case), **(subject(case) if subject else {})}
    if case.path_parameters:
        for name in case.path_parameters:
            if name in found:
                case.path_parameters[name] = found[name]


@schemathesis.hook
def after_call(context, case, response):
    tally[f"{case.method.upper()} {case.path}"][response.status_code] += 1
    if is_malformed(case):
        tally["malformed"][response.status_code] += 1
    # Generated consumers are deleted before anything is sent to them; a client may have at most fifty.
    if case.method.upper() == "POST" and case.path == "/webhooks" and response.status_code == 201:
        world.ask("DELETE", f"/webhooks/{response.json()['id']}")


@atexit.register
def keep():
    with open(os.environ["TALLY"], "w") as file:
        json.dump(tally, file)
