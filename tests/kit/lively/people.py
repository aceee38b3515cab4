"""Customers come, log in, choose and agree, and are suspended."""

from datetime import timedelta

from domain.identity import accounts, sessions
from domain.identity.account import Account, Kind, Login
from domain.kernel.events import Personal
from domain.users import consents, customer, settings
from domain.users.consent_events import ConsentTextPublished
from domain.users.consents import Channel, Consents, ConsentTexts, Purpose
from domain.users.customer import Contact, Customer, Email, ErasureReason, Holders, Locale, Phone
from domain.users.settings import Channel as On
from domain.users.settings import Choices, News, Settings, Theme, Use
from tests.projections.written_logs import START, Log

NOBODY = Holders(None, None)
ADA, BORA, CEM = "cus_ada1", "cus_bora", "cus_cem1"


def people(log: Log) -> None:
    """Let two customers do all that customers do."""
    _reach(log)
    _log_in(log)
    _choose(log)
    _agree(log)


def _reach(log: Log) -> None:
    name, email = Personal(ADA, "Ada"), Email(Personal(ADA, "a@a.example"), "a1")
    phone = Phone(Personal(ADA, "+905321234567"), "p1")
    contact = Contact(name, email, Locale.TURKISH, phone)
    log.record(customer.register(None, contact, customer_id=ADA, holders=NOBODY))
    log.record(customer.register(None, contact, customer_id=BORA, holders=NOBODY))
    ada, bora = Customer(ADA, "a1", bounced=False), Customer(BORA, "a1", bounced=False)
    log.record(customer.bounce(ada, email_key="a1", reply="550 5.1.1"))
    gone = Contact(None, None, Locale.ENGLISH)
    log.record(customer.change_contact(bora, gone, holders=NOBODY))
    email = Email(Personal(CEM, "c@c.example"), "c1")
    contact = Contact(None, email, Locale.TURKISH, None)
    log.record(customer.register(None, contact, customer_id=CEM, holders=NOBODY))
    cem = Customer(CEM, "c1", bounced=False)
    log.record(customer.erase(cem, reason=ErasureReason.ASKED, login_key=None))


def _log_in(log: Log) -> None:
    for person, kind in ((ADA, Kind.CUSTOMER), (BORA, Kind.CUSTOMER), ("stf_deniz", Kind.STAFF)):
        login = Login(Personal(person, "a@a.example"), f"l-{person}")
        opening = accounts.open_account(
            None, login, person_id=person, kind=kind, roles=(kind.value,), holder=None
        )
        log.record(opening)
        account = Account.evolve(None, opening[0])
        log.record(accounts.verify_email(account, login_key=account.login_key))
        log.record(
            sessions.begin(
                account,
                session_id=f"ses_{person}",
                method="password",
                device=Personal(person, "a browser"),
                lasts=timedelta(days=1),
                at=START,
            )
        )
        if person == ADA:
            log.record(accounts.suspend(account, Personal(person, "she asked for it")))
        elif person == BORA:
            log.record(accounts.change_login(account, Login(login.email, "l2"), holder=None))


def _choose(log: Log) -> None:
    first = Choices(Locale.ENGLISH, Theme.DARK, {News.ORDERS: frozenset({On.SMS, On.EMAIL})})
    settled: Settings | None = None
    for choices in (first, Choices(theme=Theme.LIGHT, privacy={Use.STATISTICS: False})):
        chosen = settings.choose(settled, choices, person_id=ADA)
        log.record(chosen)
        for event in chosen:
            settled = Settings.evolve(settled, event)


def _agree(log: Log) -> None:
    text = ConsentTextPublished(Purpose.TERMS, "2026-03", "tr", "5f70bf18", "Ko\u015fullar")
    log.record(consents.publish(None, text))
    given: Consents | None = None
    for person in (ADA, BORA):
        agreed = consents.give(
            None,
            ConsentTexts.evolve(None, text),
            customer_id=person,
            purpose=Purpose.TERMS,
            version="2026-03",
            locale=Locale.TURKISH,
            channel=Channel.PAPER,
            proof=Personal(person, "form 7"),
            own_hand=False,
        )
        log.record(agreed)
        given = Consents.evolve(None, agreed[0])
    log.record(
        consents.withdraw(
            given, customer_id=BORA, purpose=Purpose.TERMS, channel=Channel.WEB, own_hand=True
        )
    )
