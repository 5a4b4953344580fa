"""The tables in DynamoDB: one transaction per decision, reads by key, lists by sparse KEYS_ONLY indexes."""

from chalicelib.adapters.dynamodb.store import DynamoStore

__all__ = ["DynamoStore"]
