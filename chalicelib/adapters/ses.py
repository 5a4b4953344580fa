"""Mail through SES."""

from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.aws import Clients, unavailable
from chalicelib.domain.people.addresses import for_servers
from chalicelib.domain.ports import Mail
from chalicelib.mail.mime import as_bytes

# What SES says of one mail: its address or content, not the service. Others need not wait behind it.
_THIS_MAIL = frozenset({"MessageRejected", "BadRequestException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ses:
    """Sends raw MIME, so that our ids travel in its headers."""

    clients: Clients
    sender: str
    configuration_set: str = ""

    def send(self, mail: Mail) -> None:
        """Hand one mail over. Raises Unavailable; botocore's ClientError where SES refuses this one mail, not us."""
        client: Any = self.clients("sesv2")
        more = {"ConfigurationSetName": self.configuration_set} if self.configuration_set else {}
        with unavailable("ses", besides=_THIS_MAIL):
            client.send_email(
                FromEmailAddress=self.sender,
                Destination={"ToAddresses": [for_servers(mail.to)]},
                Content={"Raw": {"Data": as_bytes(mail, self.sender)}},
                **more,
            )
