"""Print what is stored of an order or a case, unpacked, since no console shows what lies under `z`.

    AWS_REGION=ap-southeast-3 python -m infra.row LZD-1 --stage dev

Reads and changes nothing. What it prints holds names and addresses of people: it is for the eyes of whoever asked.
"""

import json
import sys
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.dynamodb.codec import thread_key
from chalicelib.adapters.dynamodb.packing import unpacked
from chalicelib.adapters.dynamodb.tables import BODY, ROW
from infra.stored import asking_which, store_of


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """An item as it can be read: what is packed as the JSON that it is, other bytes in hexadecimal digits."""
    read = TypeDeserializer()
    values = {name: read.deserialize(typed) for name, typed in item.items()}
    return {
        name: json.loads(unpacked(value.value))
        if name == "z"
        else value.value.hex()
        if isinstance(value, Binary)
        else value
        for name, value in values.items()
    }


def rows(store: DynamoStore, wanted: str) -> list[dict[str, Any]]:
    """What lies under this id: an order's head and body, or a case's row."""
    client = store.tables.connection.client
    keys = [
        ("orders", {"order_id": wanted}),
        ("cases", {"case_id": thread_key(wanted), "sk": BODY}),
        ("cases", {"case_id": wanted, "sk": ROW}),
    ]
    found = [
        client.get_item(TableName=store.prefix + table, Key={name: {"S": value} for name, value in key.items()})
        for table, key in keys
    ]
    return [plain(each["Item"]) for each in found if "Item" in each]


def main(arguments: list[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = asking_which(__doc__)
    parser.add_argument("id", help="of an order or a case")
    given = parser.parse_args(arguments)
    found = rows(store_of(given), given.id)
    for row in found:
        print(json.dumps(row, indent=1, ensure_ascii=False, default=str))
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
