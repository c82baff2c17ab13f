"""MLflow's webhook: told that an alias moved, the API looks at once instead of at the next poll.

MLflow signs what it sends (``v1,`` and the base64 of an HMAC-SHA256 of delivery id, timestamp and body). It is believed
only that something happened to a model: the registry is asked as at every poll.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any, Final

from pydantic import SecretStr
from starlette.datastructures import Headers

SIGNATURE: Final = "X-MLflow-Signature"
TIMESTAMP: Final = "X-MLflow-Timestamp"
DELIVERY: Final = "X-MLflow-Delivery-Id"
# An older message may be one that somebody recorded and sends again.
MOST_AGE_SECONDS: Final = 300.0


def is_genuine(headers: Headers, body: bytes, secret: SecretStr, *, now: datetime) -> bool:
    """Return whether MLflow, which knows the secret, sent ``body`` in the last five minutes."""
    stamp = headers.get(TIMESTAMP, "")
    if not stamp.isdecimal() or abs(now.timestamp() - int(stamp)) > MOST_AGE_SECONDS:
        return False
    signed = f"{headers.get(DELIVERY, '')}.{stamp}.".encode() + body
    digest = hmac.new(secret.get_secret_value().encode(), signed, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    return hmac.compare_digest(headers.get(SIGNATURE, "").encode(), expected)


def named_model(body: bytes) -> str | None:
    """Return the name of the model that a message is about (its ``data.name``), or ``None`` when it says none."""
    try:
        message: Any = json.loads(body)
        name = message["data"]["name"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return name if isinstance(name, str) else None
