"""Verifies a message of the Standard Webhooks: secret, body, id, timestamp, signature."""

import sys

from standardwebhooks import Webhook, WebhookVerificationError

secret, body, message_id, timestamp, signature = sys.argv[1:]
headers = {
    "webhook-id": message_id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature,
}
webhook = Webhook(secret)
webhook.verify(body, headers)
try:
    webhook.verify(body + " ", headers)
except WebhookVerificationError:
    print("verified")
