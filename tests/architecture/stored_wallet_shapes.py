"""What every stored sample of a wallet's event means; see `stored_shapes`."""

from datetime import date

from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.wallet import bonus_events, standing_events
from domain.wallet import events as wallet
from domain.wallet.gifts import events as gifts
from domain.wallet.limits import events as limits
from domain.wallet.requests import adjustment_events as adjustments
from domain.wallet.requests import events as requests
from tests.architecture.stored_values import (
    AMOUNT,
    BONUS,
    ENTRY,
    MOMENT,
    WALLET_ENTRY,
    WORDS,
)

WALLET_SHAPES: dict[tuple[str, int], Event] = {
    ("wallet.scheme_chosen", 1): wallet.SchemeChosen("licensed"),
    ("wallet.opened", 1): wallet.WalletOpened("wal_ada", "usr_ada", "TRY"),
    ("wallet.funds_topped_up", 1): wallet.FundsToppedUp(
        "wal_ada", "top_1", AMOUNT, "bank", ENTRY, WORDS
    ),
    ("wallet.funds_credited", 1): wallet.FundsCredited(
        "wal_ada", "crd_1", AMOUNT, "sales.returns", ENTRY, None
    ),
    ("wallet.income_reversed", 1): wallet.IncomeReversed(
        "wal_ada", WALLET_ENTRY, AMOUNT, ENTRY, WORDS
    ),
    ("wallet.frozen", 1): standing_events.WalletFrozen("wal_ada", WORDS),
    ("wallet.unfrozen", 1): standing_events.WalletUnfrozen("wal_ada", None),
    ("wallet.closed", 1): standing_events.WalletClosed("wal_ada", "usr_ada", "TRY", WORDS),
    ("wallet.bonus_granted", 1): bonus_events.BonusGranted(
        "wal_ada", "bon_1", AMOUNT, "spring", MOMENT, ENTRY
    ),
    ("wallet.bonus_expiry_warned", 1): bonus_events.BonusExpiryWarned(
        "wal_ada", "bon_1", AMOUNT, MOMENT
    ),
    ("wallet.bonus_expired", 1): bonus_events.BonusExpired("wal_ada", "bon_1", AMOUNT, ENTRY),
    ("wallet.bonus_taken_back", 1): bonus_events.BonusTakenBack(
        "wal_ada", "bon_1", WALLET_ENTRY, AMOUNT, ENTRY, WORDS
    ),
    ("wallet.funds_held", 1): wallet.FundsHeld("wal_ada", "ord_1", AMOUNT, ENTRY, ()),
    ("wallet.funds_held", 2): wallet.FundsHeld("wal_ada", "ord_1", AMOUNT, ENTRY, BONUS),
    ("wallet.held_funds_captured", 1): wallet.HeldFundsCaptured(
        "wal_ada", "ord_1", "cap_1", AMOUNT, "sales", ENTRY
    ),
    ("wallet.held_funds_released", 1): wallet.HeldFundsReleased(
        "wal_ada", "ord_1", AMOUNT, ENTRY, ()
    ),
    ("wallet.held_funds_released", 2): wallet.HeldFundsReleased(
        "wal_ada", "ord_1", AMOUNT, ENTRY, BONUS
    ),
    ("wallet.capture_refunded", 1): wallet.CaptureRefunded(
        "wal_ada", "ord_1", "cap_1", "rfd_1", AMOUNT, "sales", ENTRY, ()
    ),
    ("wallet.capture_refunded", 2): wallet.CaptureRefunded(
        "wal_ada", "ord_1", "cap_1", "rfd_1", AMOUNT, "sales", ENTRY, BONUS
    ),
    ("wallet.transfer_sent", 1): wallet.TransferSent("wal_ada", "wal_bora", "trf_1", AMOUNT, ENTRY),
    ("wallet.transfer_received", 1): wallet.TransferReceived(
        "wal_bora", "wal_ada", "trf_1", AMOUNT, WALLET_ENTRY
    ),
    ("wallet.transfer_returned", 1): wallet.TransferReturned(
        "wal_bora", "wal_ada", "trf_1", WALLET_ENTRY, AMOUNT, ENTRY, WORDS
    ),
    ("wallet.transfer_taken_back", 1): wallet.TransferTakenBack(
        "wal_ada", "wal_bora", "trf_1", AMOUNT, "wallet-wal_bora.3"
    ),
    ("wallet.hold_placed", 1): wallet.HoldPlaced(
        "ord_1", "wal_ada", AMOUNT, WORDS, WALLET_ENTRY, None, ()
    ),
    ("wallet.hold_placed", 2): wallet.HoldPlaced(
        "ord_1", "wal_ada", AMOUNT, WORDS, WALLET_ENTRY, MOMENT, ()
    ),
    ("wallet.hold_placed", 3): wallet.HoldPlaced(
        "ord_1", "wal_ada", AMOUNT, WORDS, WALLET_ENTRY, MOMENT, BONUS
    ),
    ("wallet.hold_captured", 1): wallet.HoldCaptured(
        "ord_1", "cap_1", AMOUNT, "sales", Money(0, "TRY"), WALLET_ENTRY, ()
    ),
    ("wallet.hold_captured", 2): wallet.HoldCaptured(
        "ord_1", "cap_1", AMOUNT, "sales", Money(0, "TRY"), WALLET_ENTRY, BONUS
    ),
    ("wallet.hold_released", 1): wallet.HoldReleased("ord_1", AMOUNT, WALLET_ENTRY),
    ("wallet.hold_expired", 1): wallet.HoldExpired("ord_1", AMOUNT, WALLET_ENTRY),
    ("wallet.hold_refunded", 1): wallet.HoldRefunded(
        "ord_1", "cap_1", "rfd_1", AMOUNT, WALLET_ENTRY, ()
    ),
    ("wallet.hold_refunded", 2): wallet.HoldRefunded(
        "ord_1", "cap_1", "rfd_1", AMOUNT, WALLET_ENTRY, BONUS
    ),
    ("wallet.approval_threshold_set", 1): requests.ApprovalThresholdSet(AMOUNT),
    ("wallet.step_up_threshold_set", 1): requests.StepUpThresholdSet(AMOUNT),
    ("wallet.withdrawal_held", 1): requests.WithdrawalHeld("wal_ada", "wdr_1", AMOUNT, ENTRY),
    ("wallet.withdrawal_released", 1): requests.WithdrawalReleased(
        "wal_ada", "wdr_1", AMOUNT, ENTRY
    ),
    ("wallet.held_funds_paid_out", 1): requests.HeldFundsPaidOut(
        "wal_ada", "wdr_1", AMOUNT, "bank", ENTRY
    ),
    ("wallet.payout_returned", 1): requests.PayoutReturned(
        "wal_ada", "wdr_1", AMOUNT, "bank", ENTRY
    ),
    ("wallet.top_up_requested", 1): requests.TopUpRequested(
        "tpr_1", "wal_ada", "usr_ada", AMOUNT, WORDS, "stf_deniz", MOMENT
    ),
    ("wallet.top_up_approved", 1): requests.TopUpApproved(
        "tpr_1", AMOUNT, "stf_umut", WALLET_ENTRY
    ),
    ("wallet.top_up_rejected", 1): requests.TopUpRejected("tpr_1", "stf_umut", WORDS),
    ("wallet.top_up_cancelled", 1): requests.TopUpCancelled("tpr_1", "stf_deniz"),
    ("wallet.top_up_request_expired", 1): requests.TopUpRequestExpired("tpr_1"),
    ("wallet.withdrawal_requested", 1): requests.WithdrawalRequested(
        "wdr_1",
        "wal_ada",
        "usr_ada",
        AMOUNT,
        WORDS,
        "1326",
        None,
        "stf_deniz",
        WALLET_ENTRY,
        MOMENT,
    ),
    ("wallet.withdrawal_approved", 1): requests.WithdrawalApproved("wdr_1", "stf_umut"),
    ("wallet.withdrawal_rejected", 1): requests.WithdrawalRejected(
        "wdr_1", AMOUNT, "stf_umut", WORDS, WALLET_ENTRY
    ),
    ("wallet.withdrawal_cancelled", 1): requests.WithdrawalCancelled(
        "wdr_1", AMOUNT, "stf_deniz", WALLET_ENTRY
    ),
    ("wallet.withdrawal_expired", 1): requests.WithdrawalExpired("wdr_1", AMOUNT, WALLET_ENTRY),
    ("wallet.withdrawal_paid", 1): requests.WithdrawalPaid(
        "wdr_1", AMOUNT, "bank", WORDS, WALLET_ENTRY
    ),
    ("wallet.withdrawal_turned_down", 1): requests.WithdrawalTurnedDown(
        "wdr_1", AMOUNT, WORDS, WALLET_ENTRY
    ),
    ("wallet.withdrawal_bounced", 1): requests.WithdrawalBounced(
        "wdr_1", AMOUNT, None, WALLET_ENTRY
    ),
    ("wallet.adjustment_credited", 1): adjustments.AdjustmentCredited(
        "wal_ada", "adj_1", AMOUNT, ENTRY
    ),
    ("wallet.adjustment_held", 1): adjustments.AdjustmentHeld("wal_ada", "adj_1", AMOUNT, ENTRY),
    ("wallet.adjustment_released", 1): adjustments.AdjustmentReleased(
        "wal_ada", "adj_1", AMOUNT, ENTRY
    ),
    ("wallet.adjustment_debited", 1): adjustments.AdjustmentDebited(
        "wal_ada", "adj_1", AMOUNT, ENTRY
    ),
    ("wallet.adjustment_requested", 1): adjustments.AdjustmentRequested(
        "adj_1",
        "wal_ada",
        "usr_ada",
        AMOUNT,
        "debit",
        "correction",
        WORDS,
        "stf_deniz",
        WALLET_ENTRY,
        MOMENT,
    ),
    ("wallet.adjustment_approved", 1): adjustments.AdjustmentApproved(
        "adj_1", AMOUNT, "stf_umut", WALLET_ENTRY
    ),
    ("wallet.adjustment_rejected", 1): adjustments.AdjustmentRejected(
        "adj_1", AMOUNT, "stf_umut", WORDS, WALLET_ENTRY
    ),
    ("wallet.adjustment_cancelled", 1): adjustments.AdjustmentCancelled(
        "adj_1", AMOUNT, "stf_deniz", None
    ),
    ("wallet.adjustment_expired", 1): adjustments.AdjustmentExpired("adj_1", AMOUNT, WALLET_ENTRY),
    ("wallet.gift_card_issued", 1): gifts.GiftCardIssued(
        "gft_1", "5f70bf18a086007016e948b04aed3b82", "…7Q2K", AMOUNT, "bank", ENTRY, MOMENT
    ),
    ("wallet.gift_card_redeemed", 1): gifts.GiftCardRedeemed(
        "gft_1", "wal_ada", "rdm_1", AMOUNT, Money(250, "TRY"), ENTRY
    ),
    ("wallet.gift_card_expired", 1): gifts.GiftCardExpired("gft_1", AMOUNT, ENTRY),
    ("wallet.gift_card_voided", 1): gifts.GiftCardVoided("gft_1", AMOUNT, "bank", ENTRY, WORDS),
    ("wallet.gift_received", 1): gifts.GiftReceived(
        "wal_ada", "gft_1", "rdm_1", AMOUNT, "gift_card-gft_1.2"
    ),
    ("wallet.limits_set", 1): limits.LimitsSet("standard", "TRY", "transfer", 100, 500, None),
    ("wallet.level_set", 1): limits.LevelSet("usr_ada", "vip"),
    ("wallet.usage_counted", 1): limits.UsageCounted(
        "usr_ada", "transfer", AMOUNT, date(2026, 3, 5)
    ),
}
