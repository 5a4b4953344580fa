"""Where moto 5.2 is kinder than AWS, made as strict: a sandbox that forgives would hide defects.

1. conditional writes and transactions are not atomic across threads   -> one lock around DynamoDB
2. a task token is accepted twice, and after its execution stopped      -> refused, as AWS refuses it
3. a machine's definition is parsed anew for each execution             -> parsed once (speed only)
4. each task of an execution makes a client of Lambda anew              -> made once (speed only)
5. a symmetric key of KMS gets an RSA key that nobody uses             -> it gets none (speed only)
6. a path into a task's JSON is parsed anew at each look                -> parsed once (speed only)
"""

import functools
import threading
from typing import Any

from moto.core.exceptions import AWSError
from moto.dynamodb.responses import DynamoHandler
from moto.kms import models as kms
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackPoolManager
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path

_DONE: list[bool] = []


class TaskTimedOut(AWSError):
    """What AWS says to a late or second answer."""

    TYPE = "TaskTimedOut"


def repair() -> None:
    """Apply the repairs, once per process."""
    if _DONE:
        return
    _DONE.append(True)
    _atomic_dynamodb()
    _strict_tokens()
    AmazonStateLanguageParser.parse = staticmethod(functools.lru_cache(maxsize=32)(AmazonStateLanguageParser.parse))  # type: ignore[method-assign]
    json_path.parse = functools.lru_cache(maxsize=256)(json_path.parse)  # type: ignore[attr-defined]
    _one_client_of_lambda()
    _symmetric_keys_alone()


def _atomic_dynamodb() -> None:
    lock, unlocked = threading.RLock(), DynamoHandler.call_action

    def locked(self: DynamoHandler) -> Any:
        with lock:
            return unlocked(self)

    DynamoHandler.call_action = locked  # type: ignore[method-assign]


def _strict_tokens() -> None:
    lenient = CallbackPoolManager.notify

    def strict(self: CallbackPoolManager, callback_id: Any, outcome: Any) -> Any:
        endpoint = self._pool.get(callback_id)
        if endpoint is not None and endpoint._notify_event.is_set():
            raise TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'")
        return lenient(self, callback_id, outcome)

    CallbackPoolManager.notify = strict  # type: ignore[method-assign]


def _one_client_of_lambda() -> None:
    make = functools.cache(lambda_eval_utils.boto_client_for)  # type: ignore[attr-defined]
    # Whoever the task is, is of no interest here: ours have no credentials of their own.
    lambda_eval_utils.boto_client_for = lambda region, service, state_credentials=None: make(region, service)  # type: ignore[attr-defined]


def _symmetric_keys_alone() -> None:
    make: Any = kms.generate_private_key  # type: ignore[attr-defined]
    kms.generate_private_key = lambda spec: None if spec == "SYMMETRIC_DEFAULT" else make(spec)  # type: ignore[attr-defined, assignment, return-value]
