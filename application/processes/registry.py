"""Every process, ordered by context."""

from application.process import Process
from application.processes.expiries import EXPIRIES
from application.processes.person_index import PERSON_INDEX
from application.processes.receipts import RECEIPTS
from application.processes.wallet_of_customer import WALLET_OF_CUSTOMER
from application.processes.webhooks import WEBHOOKS

PROCESSES: tuple[Process, ...] = (EXPIRIES, WALLET_OF_CUSTOMER, PERSON_INDEX, RECEIPTS, WEBHOOKS)
