"""Every command and its handler, ordered by context."""

from collections.abc import Callable, Mapping
from typing import Any

from application.audit import access, reads
from application.book import Book, Missing
from application.bulk import Atomically
from application.catalog import (
    brands,
    categories,
    classifying,
    collections,
    describing,
    origin,
    product_types,
    products,
    publishing,
    tags,
    variants,
)
from application.catalog.importing import asking as import_asking
from application.catalog.importing import row as import_row
from application.channels import endpoints
from application.identity import accounts as logins
from application.identity import invitations, links, roles, sessions
from application.jobs import effects
from application.ledger import accounts, closing, journal
from application.notifications import receipts
from application.pricing import price_lists, prices, schedules, tax_rates
from application.search import synonyms
from application.stock import counting, locating, moving, reserving, watching
from application.tenants import clock, keys, tenants
from application.tenants import settings as tenant_settings
from application.tenants import standing as tenant_standing
from application.users import consents, customers, erasure, settings
from application.users import standing as customer_standing
from application.wallet import (
    bonus,
    gift_cards,
    holds,
    limits,
    standing,
    topups,
    transfers,
    wallets,
)
from application.wallet.requests import adjusting, asking, deciding, payouts, step_up
from domain.kernel.refusals import Refusal

Handler = Callable[[Any, Book], object]


def decide(command: object, book: Book) -> object:
    """Run the handler of a command; what it returns is the command's outcome."""
    return HANDLERS[type(command)](command, book)


def _atomically(command: Atomically, book: Book) -> list[object]:
    outcomes: list[object] = []
    lacking: Missing | None = None
    for index, one in enumerate(command.commands):
        try:
            outcomes.append(decide(one, book))
        except Missing as missing:
            # What this one lacks is noted. The others go on only to note what they lack, so that a
            # thousand commands are fetched for together and not one after the other.
            lacking = missing
        except Refusal as refusal:
            if lacking is None:
                refusal.facts.setdefault("index", index)
                raise
    if lacking is not None:
        raise lacking
    return outcomes


HANDLERS: Mapping[type, Handler] = {
    Atomically: _atomically,
    wallets.ChooseScheme: wallets.choose_scheme,
    wallets.OpenWallet: wallets.open_wallet,
    wallets.OpenFirstWallet: wallets.open_first_wallet,
    standing.FreezeWallet: standing.freeze_wallet,
    standing.UnfreezeWallet: standing.unfreeze_wallet,
    standing.CloseWallet: standing.close_wallet,
    topups.TopUp: topups.top_up,
    topups.CreditFunds: topups.credit_funds,
    bonus.GrantBonus: bonus.grant_bonus,
    bonus.WarnOfBonusExpiry: bonus.warn_of_bonus_expiry,
    bonus.ExpireBonus: bonus.expire_bonus,
    holds.PlaceHold: holds.place_hold,
    holds.CaptureHold: holds.capture_hold,
    holds.ReleaseHold: holds.release_hold,
    holds.ExpireHold: holds.expire_hold,
    holds.RefundCapture: holds.refund_capture,
    transfers.TransferFunds: transfers.transfer_funds,
    asking.RequestTopUp: asking.request_top_up,
    asking.RequestWithdrawal: asking.request_withdrawal,
    adjusting.RequestAdjustment: adjusting.request_adjustment,
    asking.CancelRequest: asking.cancel_request,
    asking.ExpireRequest: asking.expire_request,
    deciding.ApproveRequest: deciding.approve_request,
    deciding.RejectRequest: deciding.reject_request,
    deciding.SetApprovalThreshold: deciding.set_approval_threshold,
    step_up.SetStepUpThreshold: step_up.set_step_up_threshold,
    payouts.PayWithdrawal: payouts.pay_withdrawal,
    payouts.BounceWithdrawal: payouts.bounce_withdrawal,
    gift_cards.IssueGiftCard: gift_cards.issue_gift_card,
    gift_cards.RedeemGiftCard: gift_cards.redeem_gift_card,
    gift_cards.ExpireGiftCard: gift_cards.expire_gift_card,
    gift_cards.VoidGiftCard: gift_cards.void_gift_card,
    limits.SetLimits: limits.set_limits,
    limits.SetLevel: limits.set_level,
    accounts.OpenBooks: accounts.open_books,
    accounts.OpenAccount: accounts.open_account,
    journal.PostEntry: journal.post_entry,
    journal.ReverseEntry: journal.reverse_entry,
    logins.Register: logins.register,
    logins.OpenAccount: logins.open_account,
    invitations.OpenStaffAccount: invitations.open_staff_account,
    invitations.OpenCustomerAccount: invitations.open_customer_account,
    links.RequestLink: links.request_link,
    logins.VerifyEmail: logins.verify_email,
    logins.SetPassword: logins.set_password,
    logins.AssignRoles: logins.assign_roles,
    logins.SuspendAccount: logins.suspend_account,
    logins.ReactivateAccount: logins.reactivate_account,
    sessions.BeginSession: sessions.begin_session,
    sessions.EndSession: sessions.end_session,
    sessions.EndSessions: sessions.end_sessions,
    sessions.StepUp: sessions.step_up,
    roles.DefineRole: roles.define_role,
    roles.RemoveRole: roles.remove_role,
    customers.RegisterCustomer: customers.register_customer,
    customers.ChangeContact: customers.change_contact,
    customers.MarkUndeliverable: customers.mark_undeliverable,
    erasure.ErasePerson: erasure.erase_person,
    customer_standing.SuspendCustomer: customer_standing.suspend_customer,
    customer_standing.ReactivateCustomer: customer_standing.reactivate_customer,
    settings.ChooseSettings: settings.choose_settings,
    consents.PublishConsentText: consents.publish_consent_text,
    consents.GiveConsent: consents.give_consent,
    consents.WithdrawConsent: consents.withdraw_consent,
    closing.StartClosing: closing.start_closing,
    closing.CancelClosing: closing.cancel_closing,
    closing.SealPeriod: closing.seal_period,
    closing.RequestReopening: closing.request_reopening,
    closing.ApproveReopening: closing.approve_reopening,
    synonyms.SetSynonyms: synonyms.set_synonyms,
    tenants.CreateTenant: tenants.create_tenant,
    tenants.MapDomain: tenants.map_domain,
    tenants.AddStaff: tenants.add_staff,
    tenant_standing.SuspendTenant: tenant_standing.suspend_tenant,
    tenant_standing.ReactivateTenant: tenant_standing.reactivate_tenant,
    tenant_standing.SuspendStaff: tenant_standing.suspend_staff,
    tenant_standing.ReactivateStaff: tenant_standing.reactivate_staff,
    tenant_settings.ChangeSettings: tenant_settings.change_settings,
    keys.IssueKey: keys.issue_key,
    keys.RotateKey: keys.rotate_key,
    keys.RevokeKey: keys.revoke_key,
    clock.AdvanceClock: clock.advance_clock,
    products.CreateProduct: products.create_product,
    describing.DescribeProduct: describing.describe_product,
    describing.ChangeSlug: describing.change_slug,
    describing.ArrangeMedia: describing.arrange_media,
    describing.ChooseRelated: describing.choose_related,
    classifying.ClassifyProduct: classifying.classify_product,
    classifying.ChooseTaxClass: classifying.choose_tax_class,
    origin.StateOrigin: origin.state_origin,
    classifying.SetAttributes: classifying.set_attributes,
    classifying.ChooseChannels: classifying.choose_channels,
    classifying.SetRestrictions: classifying.set_restrictions,
    variants.ChooseOptions: variants.choose_options,
    variants.AddVariants: variants.add_variants,
    variants.AddMatrix: variants.add_matrix,
    variants.ChangeVariant: variants.change_variant,
    variants.RetireVariant: variants.retire_variant,
    publishing.PublishProduct: publishing.publish_product,
    publishing.ScheduleProduct: publishing.schedule_product,
    publishing.PublishScheduled: publishing.publish_scheduled,
    publishing.CancelScheduling: publishing.cancel_scheduling,
    publishing.UnpublishProduct: publishing.unpublish_product,
    publishing.ArchiveProduct: publishing.archive_product,
    publishing.RestoreProduct: publishing.restore_product,
    publishing.DeleteProduct: publishing.delete_product,
    import_asking.AskImport: import_asking.ask_import,
    import_asking.CancelImport: import_asking.cancel_import,
    import_row.ImportRow: import_row.import_row,
    price_lists.DefinePriceList: price_lists.define_price_list,
    prices.SetPrice: prices.set_price,
    prices.SetTiers: prices.set_tiers,
    schedules.SchedulePrice: schedules.schedule_price,
    schedules.CancelSchedule: schedules.cancel_schedule,
    schedules.BeginPrice: schedules.begin_price,
    schedules.EndPrice: schedules.end_price,
    tax_rates.SetKdvRate: tax_rates.set_kdv_rate,
    categories.AddCategory: categories.add_category,
    categories.RenameCategory: categories.rename_category,
    categories.MoveCategory: categories.move_category,
    categories.RemoveCategory: categories.remove_category,
    brands.AddBrand: brands.add_brand,
    brands.RenameBrand: brands.rename_brand,
    brands.RemoveBrand: brands.remove_brand,
    product_types.DefineProductType: product_types.define_product_type,
    product_types.ChangeProductType: product_types.change_product_type,
    collections.BeginCollection: collections.begin_collection,
    collections.ChangeCollection: collections.change_collection,
    collections.RemoveCollection: collections.remove_collection,
    tags.BindTag: tags.bind_tag,
    tags.ReadTag: tags.read_tag,
    tags.UnbindTag: tags.unbind_tag,
    locating.OpenLocation: locating.open_location,
    locating.RenameLocation: locating.rename_location,
    locating.CloseLocation: locating.close_location,
    locating.ReopenLocation: locating.reopen_location,
    locating.RankLocations: locating.rank_locations,
    moving.MoveStock: moving.move_stock,
    moving.TransferStock: moving.transfer_stock,
    moving.SetStockPolicy: moving.set_stock_policy,
    reserving.ReserveStock: reserving.reserve_stock,
    reserving.ExtendReservation: reserving.extend_reservation,
    reserving.IssueReservation: reserving.issue_reservation,
    reserving.ReleaseReservation: reserving.release_reservation,
    reserving.ExpireReservation: reserving.expire_reservation,
    counting.StartStockTake: counting.start_stock_take,
    counting.CountStock: counting.count_stock,
    counting.CloseStockTake: counting.close_stock_take,
    counting.CancelStockTake: counting.cancel_stock_take,
    watching.WatchVariant: watching.watch_variant,
    watching.AskToWatch: watching.ask_to_watch,
    watching.ConfirmWatch: watching.confirm_watch,
    watching.NotifyWatcher: watching.notify_watcher,
    watching.EndWatch: watching.end_watch,
    watching.LapseWatch: watching.lapse_watch,
    receipts.ChooseReceipts: receipts.choose_receipts,
    endpoints.RegisterEndpoint: endpoints.register_endpoint,
    endpoints.ChangeEndpoint: endpoints.change_endpoint,
    endpoints.RotateSecret: endpoints.rotate_secret,
    endpoints.DeactivateEndpoint: endpoints.deactivate_endpoint,
    endpoints.ActivateEndpoint: endpoints.activate_endpoint,
    endpoints.RemoveEndpoint: endpoints.remove_endpoint,
    endpoints.PingEndpoint: endpoints.ping_endpoint,
    endpoints.ReplayEvents: endpoints.replay_events,
    endpoints.ReplayDelivery: endpoints.replay_delivery,
    effects.RetryEffect: effects.retry_effect,
    effects.DiscardEffect: effects.discard_effect,
    reads.NotePersonalDataRead: reads.note_personal_data_read,
    reads.NoteAuditRead: reads.note_audit_read,
    access.GrantAccess: access.grant_access,
    access.RevokeAccess: access.revoke_access,
}
