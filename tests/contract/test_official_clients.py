"""The providers' own Python clients against our fakes: what they send is taken, what they verify is verified.

They ship nowhere and are not needed otherwise. They are imported by name, since mypy would read all of stripe's types,
and while a test runs, since most runs need none of them.
"""

from collections.abc import Iterator
from importlib import import_module

import pytest

from tests.fakes.provider_halls import SECRETS, Hall, hall


@pytest.fixture
def the(request: pytest.FixtureRequest) -> Iterator[Hall]:
    with hall(request.param) as made:
        yield made


def _address(the: Hall) -> str:
    return str(getattr(the.provider, "base_url", ""))


@pytest.mark.parametrize("the", ["midtrans"], indirect=True)
def test_midtranss_own_client_refunds_and_sees_what_our_adapter_sees(
    the: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = import_module("midtransclient")
    monkeypatch.setattr(library.config.ApiConfig, "CORE_SANDBOX_BASE_URL", _address(the))
    client = library.CoreApi(is_production=False, server_key=SECRETS["midtrans"]["server_key"], client_key="")
    paid = the.pay()
    asked = {"refund_key": "rf_1-card-1", "amount": 40_000, "reason": "x"}
    assert client.transactions.refund(paid.names[0], asked)["transaction_status"] == "partial_refund"
    the.wait(minutes=5)
    (refund,) = client.transactions.status(paid.names[1])["refunds"]
    found = the.provider.find(the.request(paid, 40_000))
    assert (str(refund["refund_chargeback_id"]), refund["refund_key"]) == (found.reference, "rf_1-card-1")
    assert refund["bank_confirmed_at"]
    assert the.went() == found.amount == 40_000
    with pytest.raises(library.error_midtrans.MidtransAPIError, match="406"):
        client.transactions.refund(paid.names[0], asked)


@pytest.mark.parametrize("the", ["stripe"], indirect=True)
def test_stripes_own_client_refunds_lists_and_verifies(the: Hall) -> None:
    library = import_module("stripe")
    secrets = SECRETS["stripe"]
    client = library.StripeClient(secrets["secret_key"], base_addresses={"api": _address(the)}, max_network_retries=0)
    paid = the.pay()
    asked = {"payment_intent": paid.names[0], "amount": 4_000_000, "metadata": {"batal_key": "rf_1-card-1"}}
    refund, again = (client.v1.refunds.create(asked, {"idempotency_key": "rf_1-card-1"}) for _ in range(2))
    assert (refund.status, again.id) == ("succeeded", refund.id)
    assert [each.id for each in client.v1.refunds.list({"payment_intent": paid.names[0]}).data] == [refund.id]
    found = the.provider.find(the.request(paid, 40_000))
    assert (found.reference, found.amount) == (refund.id, 40_000)
    assert the.went() == 40_000
    the.wait(minutes=1)
    for headers, raw in the.letters():
        event = library.Webhook.construct_event(
            raw, headers["Stripe-Signature"], secrets["webhook_secret"], tolerance=None
        )
        assert event.data.object.id == refund.id


@pytest.mark.parametrize("the", ["xendit"], indirect=True)
def test_xendits_own_client_speaks_an_older_api_that_our_fake_does_not_have(the: Hall) -> None:
    library = import_module("xendit")
    library.set_api_key(SECRETS["xendit"]["secret_key"])
    client = library.ApiClient()
    client.configuration.host = _address(the)
    apis, models = import_module("xendit.apis"), import_module("xendit.refund.model")
    asked = models.CreateRefund(payment_request_id="own-1", reference_id="rf_1-card-1", amount=40_000.0)
    with pytest.raises(library.XenditSdkException):
        apis.RefundApi(client).create_refund(create_refund=asked)
    assert the.went() == 0
