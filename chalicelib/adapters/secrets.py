"""What a deployment keeps secret: one Secrets Manager secret, read once when a Lambda starts."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.aws import Clients


def secret_settings(clients: Clients, secret_id: str) -> Mapping[str, str]:
    """Settings by their names in capitals: what operators put into the secret, and those made from its `master`.

    Raises what boto3 raises: without its secrets a Lambda must not go on.
    """
    client: Any = clients("secretsmanager")
    kept: Mapping[str, str] = json.loads(client.get_secret_value(SecretId=secret_id)["SecretString"])
    master = kept["master"].encode()
    made = {
        name: hmac.new(master, name.encode(), hashlib.sha256).hexdigest()
        for name in ("LINK_SECRET", "SESSION_SECRET", "ACCOUNT_SECRET", "CLUE_SECRET", "SIGNING_SECRET")
    }
    return made | {name.upper(): value for name, value in kept.items() if name != "master"}
