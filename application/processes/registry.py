"""Every process, ordered by context."""

from application.process import Process
from application.processes.erasures import ERASURES
from application.processes.expiries import EXPIRIES
from application.processes.imports import IMPORTS
from application.processes.jobs import JOBS
from application.processes.mailed_links import MAILED_LINKS
from application.processes.person_index import PERSON_INDEX
from application.processes.price_schedules import PRICE_SCHEDULES
from application.processes.publications import PUBLICATIONS
from application.processes.receipts import RECEIPTS
from application.processes.stock_watches import STOCK_WATCHES
from application.processes.wallet_of_customer import WALLET_OF_CUSTOMER
from application.processes.webhooks import WEBHOOKS

PROCESSES: tuple[Process, ...] = (
    EXPIRIES,
    MAILED_LINKS,
    WALLET_OF_CUSTOMER,
    PERSON_INDEX,
    ERASURES,
    PUBLICATIONS,
    IMPORTS,
    PRICE_SCHEDULES,
    RECEIPTS,
    STOCK_WATCHES,
    WEBHOOKS,
    JOBS,
)
