"""Requests for money and adjustments in every state, for a log in which everything happens."""

from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.wallet.requests import adjustments, approvals, step_up, withdrawals
from domain.wallet.requests import topups as topup_requests
from domain.wallet.requests.adjustments import Adjustment, Direction, ReasonCode
from domain.wallet.requests.approvals import Approver
from domain.wallet.requests.withdrawals import Withdrawal
from domain.wallet.wallet import Wallet
from tests.projections.written_logs import DAY, START, Log

CHECKER = Approver("stf_umut", None)
WORDS = Personal("usr_wal_bbbb", "as agreed")


def ask_for_money_in(log: Log) -> None:
    log.record(approvals.set_threshold(None, Money(500, "TRY")))
    log.record(step_up.set_threshold(None, Money(900, "TRY")))
    wallet = log.wallet("wal_bbbb")
    names = [f"tpr_000{n}" for n in range(1, 6)]
    for name in names:
        log.record(
            topup_requests.request(
                wallet,
                Money(700, "TRY"),
                request_id=name,
                reference=WORDS,
                requested_by="stf_deniz",
                at=START,
                expires_at=None,
            )
        )
    asked = [log.top_up_request(name) for name in names]
    log.record(topup_requests.approve(asked[0], wallet, CHECKER, source="bank", effective_on=DAY))
    log.record(topup_requests.reject(asked[1], rejected_by="stf_umut", reason=WORDS))
    log.record(topup_requests.cancel(asked[2], cancelled_by="stf_deniz"))
    log.record(topup_requests.expire(asked[3], at=asked[3].expires_at))


def ask_for_money_out(log: Log) -> None:
    names = [f"wdr_000{n}" for n in range(1, 9)]
    for name in names:
        log.record(
            withdrawals.request(
                log.wallet("wal_bbbb"),
                Money(100, "TRY"),
                request_id=name,
                iban=Personal("usr_wal_bbbb", "TR330006100519786457841326"),
                iban_tail="1326",
                reference=WORDS,
                requested_by="stf_deniz",
                effective_on=DAY,
                at=START,
                expires_at=None,
            )
        )
    for name in names[:4]:
        log.record(withdrawals.approve(log.withdrawal(name), CHECKER))
    for name in names[:2]:
        log.record(
            withdrawals.pay(*_of(log, name), account="bank", bank_reference=WORDS, effective_on=DAY)
        )
    for name in names[1:3]:
        log.record(withdrawals.bounce(*_of(log, name), reason=WORDS, effective_on=DAY))
    rejected, cancelled, expired = names[4:7]
    log.record(
        withdrawals.reject(
            *_of(log, rejected), rejected_by="stf_umut", reason=None, effective_on=DAY
        )
    )
    log.record(withdrawals.cancel(*_of(log, cancelled), cancelled_by="stf_deniz", effective_on=DAY))
    asked, wallet = _of(log, expired)
    log.record(withdrawals.expire(asked, wallet, effective_on=DAY, at=asked.expires_at))


def ask_for_adjustments(log: Log) -> None:
    for direction in Direction:
        names = [f"adj_{direction}{n}" for n in range(1, 6)]
        for name in names:
            log.record(
                adjustments.request(
                    log.wallet("wal_bbbb"),
                    Money(100, "TRY"),
                    direction=direction,
                    request_id=name,
                    reason_code=ReasonCode.GOODWILL,
                    reason=WORDS,
                    requested_by="stf_deniz",
                    effective_on=DAY,
                    at=START,
                    expires_at=None,
                )
            )
        approved, rejected, cancelled, expired, _ = names
        log.record(
            adjustments.approve(*_adjusted(log, approved), approved_by="stf_umut", effective_on=DAY)
        )
        log.record(
            adjustments.reject(
                *_adjusted(log, rejected), rejected_by="stf_umut", reason=WORDS, effective_on=DAY
            )
        )
        log.record(
            adjustments.cancel(
                *_adjusted(log, cancelled), cancelled_by="stf_deniz", effective_on=DAY
            )
        )
        asked, wallet = _adjusted(log, expired)
        log.record(adjustments.expire(asked, wallet, effective_on=DAY, at=asked.expires_at))


def _adjusted(log: Log, name: str) -> tuple[Adjustment, Wallet]:
    return log.adjustment(name), log.wallet("wal_bbbb")


def _of(log: Log, name: str) -> tuple[Withdrawal, Wallet]:
    return log.withdrawal(name), log.wallet("wal_bbbb")
