"""Reads JSON lines {secret, headers, body} and says for each whether PyPI's standardwebhooks takes it."""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

for line in sys.stdin:
    given = json.loads(line)
    try:
        Webhook(given["secret"]).verify(given["body"], given["headers"])
        print("taken", flush=True)
    except WebhookVerificationError as error:
        print(f"refused: {error}", flush=True)
