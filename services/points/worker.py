"""The points service's background half: `python -m services.points.worker`."""

from services.points.adoptions import repository as adoptions
from services.points.adoptions.usecases import end_adoption, remind_of_duty
from services.points.audits import repository as audits
from services.points.audits.usecases import audit_nightly
from services.points.awards import events as award_events
from services.points.awards import repository as awards
from services.points.awards.usecases import grant_award
from services.points.boards import repository as boards
from services.points.boards.usecases import move_due_entry
from services.points.claim_photos import events as claim_photos_events
from services.points.claim_sheets import usecases as claim_sheets
from services.points.claims import repository as claims
from services.points.claims.usecases import post_due
from services.points.communities import events as communities_events
from services.points.deliveries import usecases as deliveries
from services.points.expiries import repository as expiries
from services.points.expiries.usecases import expire_points, remind_of_expiry
from services.points.families import events as families_events
from services.points.families import repository as families
from services.points.families.usecases import move_late_points
from services.points.gauges import COUNTS
from services.points.gig_places import repository as gigs
from services.points.gigs.usecases import close_gig
from services.points.installations import events as installation_events
from services.points.installations import usecases as installations
from services.points.jobs.usecases import move_due_job
from services.points.ledger import events as ledger_events
from services.points.main import build_runtime
from services.points.passbooks import events as passbook_events
from services.points.periods import repository as periods
from services.points.periods.usecases import collect_period, seal_period
from services.points.rankings import repository as rankings
from services.points.rankings.usecases import refresh_places
from services.points.redemptions import repository as redemptions
from services.points.redemptions.usecases import expire_redemption
from services.points.rulebook_drafts import events as rulebook_drafts_events
from services.points.seals import repository as seals
from services.points.seals.usecases import seal_daily
from services.points.settings import Settings
from services.points.settlements import repository as settlements
from services.points.settlements.usecases import draft_last_month
from services.points.stock import usecases as stock
from services.points.store import events as store_events
from services.points.store import usecases as store
from services.points.time_bank import repository as time_bank
from services.points.time_bank.usecases import move_due_request
from services.points.vouchers import repository as vouchers
from services.points.vouchers.usecases import expire_voucher
from shared.handlers import Handlers
from shared.runtime import Runtime
from shared.sweeps import Sweep
from shared.worker import Worker, run_worker

HANDLERS: Handlers = {
    **ledger_events.HANDLERS,
    **families_events.HANDLERS,
    **communities_events.HANDLERS,
    **installation_events.HANDLERS,
    **claim_photos_events.HANDLERS,
    **rulebook_drafts_events.HANDLERS,
    **store_events.HANDLERS,
    **award_events.HANDLERS,
    **passbook_events.HANDLERS,
}

SWEEPS = (
    Sweep(
        "move_late_points",
        find_due=families.find_late,
        act=lambda uow, household_id: move_late_points(uow=uow, household_id=household_id),
    ),
    Sweep(
        "free_delivery_rewards",
        find_due=deliveries.find_unused_charges,
        act=lambda uow, delivery_id: deliveries.free_reward(uow=uow, delivery_id=delivery_id),
    ),
    Sweep(
        "expire_points",
        find_due=expiries.find_due,
        act=lambda uow, account_id: expire_points(uow=uow, account_id=account_id),
    ),
    Sweep(
        "remind_of_expiry",
        find_due=expiries.find_reminders_due,
        act=lambda uow, account_id: remind_of_expiry(uow=uow, account_id=account_id),
    ),
    Sweep(
        "seal_books",
        find_due=seals.find_due,
        act=lambda uow, _: seal_daily(uow=uow),
    ),
    Sweep(
        "audit_books",
        find_due=audits.find_due,
        act=lambda uow, _: audit_nightly(uow=uow),
    ),
    Sweep(
        "accept_installations",
        find_due=installations.find_silent,
        act=lambda uow, redemption_id: installations.accept_silently(uow=uow, redemption_id=redemption_id),
    ),
    Sweep(
        "tell_low_stock",
        find_due=store.find_low_stock,
        act=lambda uow, product_id: store.tell_low_stock(uow=uow, product_id=product_id),
    ),
    Sweep(
        "fit_buckets",
        find_due=stock.find_unfit,
        act=lambda uow, product_id: stock.fit_buckets(uow=uow, product_id=product_id),
    ),
    Sweep(
        "post_claims",
        find_due=claims.find_due,
        act=lambda uow, _community_id: post_due(uow=uow),
    ),
    Sweep(
        "collect_periods",
        find_due=periods.find_due_to_collect,
        act=lambda uow, period_id: collect_period(uow=uow, principal=None, period_id=period_id),
    ),
    Sweep(
        "move_board_entries",
        find_due=boards.find_due,
        act=lambda uow, entry_id: move_due_entry(uow=uow, entry_id=entry_id),
    ),
    Sweep(
        "refresh_rankings",
        find_due=rankings.find_due,
        act=lambda uow, _community_id: refresh_places(uow=uow),
    ),
    Sweep(
        "seal_periods",
        find_due=periods.find_due_to_seal,
        act=lambda uow, period_id: seal_period(uow=uow, principal=None, period_id=period_id),
    ),
    Sweep(
        "expire_redemptions",
        find_due=redemptions.find_due,
        act=lambda uow, redemption_id: expire_redemption(uow=uow, redemption_id=redemption_id),
    ),
    Sweep(
        "expire_vouchers",
        find_due=vouchers.find_due,
        act=lambda uow, voucher_id: expire_voucher(uow=uow, voucher_id=voucher_id),
    ),
    Sweep(
        "draft_settlements",
        find_due=settlements.find_due,
        act=lambda uow, merchant_id: draft_last_month(uow=uow, merchant_id=merchant_id),
    ),
    Sweep(
        "end_adoptions",
        find_due=adoptions.find_due,
        act=lambda uow, adoption_id: end_adoption(uow=uow, adoption_id=adoption_id),
    ),
    Sweep(
        "remind_duties",
        find_due=adoptions.find_overdue,
        act=lambda uow, adoption_id: remind_of_duty(uow=uow, adoption_id=adoption_id),
    ),
    Sweep(
        "grant_awards",
        find_due=awards.find_due,
        act=lambda uow, award_id: grant_award(uow=uow, award_id=award_id),
    ),
    Sweep("close_gigs", find_due=gigs.find_due_gigs, act=lambda uow, gig_id: close_gig(uow=uow, gig_id=gig_id)),
    Sweep("move_jobs", find_due=gigs.find_due_places, act=lambda uow, job_id: move_due_job(uow=uow, job_id=job_id)),
    Sweep(
        "move_help_requests",
        find_due=time_bank.find_due,
        act=lambda uow, request_id: move_due_request(uow=uow, request_id=request_id),
    ),
)


def create_worker(runtime: Runtime[Settings]) -> Worker:
    """Build the worker on a runtime."""
    sweeps = (*SWEEPS, *claim_sheets.sweeps(runtime))
    return Worker(runtime=runtime, handlers=HANDLERS, sweeps=sweeps, counts=COUNTS)


if __name__ == "__main__":
    run_worker(lambda: create_worker(build_runtime()))
