"""Did what buyers say go a legal way, decided by whom it has to be, and does everybody see of a
review what was approved of it?
"""

from domain.submissions import SETTLED
from store.invariants.check import Check, Severity
from store.invariants.people import KINDS

_AT_REST = ", ".join(f"'{stage}'" for stage in sorted(SETTLED))

CHECKS = (
    Check(
        "V04",
        Severity.HIGH,
        "a bought line has two live reviews, or a review is live and taken back",
        """
        select order_line_id, count(*) reviews, min(cast(submission_id as text)) one
        from reviews where live group by 1 having count(*) > 1
        union all
        select r.order_line_id, 1, cast(submission_id as text)
        from reviews r join submissions s using (submission_id)
        where r.live <> (s.stage <> 'withdrawn')
        """,
    ),
    Check(
        "V05",
        Severity.CRITICAL,
        "everybody sees another version of a review than was approved last",
        # The newest version at an event is as many as were written by then.
        """
        with told as (
            select submission_id, what, message_id,
                   count(*) filter (where what in ('submitted', 'edited'))
                        over (partition by submission_id order by seq) n
            from submission_events
        ), approved as (
            select t.submission_id, max(t.n) n
            from told t
            join submission_decisions d
                on d.submission_id = t.submission_id and d.decision_id = t.message_id
            where t.what = 'approved' and d.verdict = 'approve'
            group by 1
        )
        select r.submission_id, r.published, a.n approved, r.versions, s.stage
        from reviews r
        join submissions s using (submission_id)
        left join approved a using (submission_id)
        where r.published is distinct from case when r.live then a.n end
           or (s.stage = 'published' and r.published <> r.versions)
        """,
    ),
    Check(
        "V06",
        Severity.HIGH,
        "a review is listed by other stars than its published version gives",
        """
        select r.submission_id, r.published, r.published_stars, v.stars
        from reviews r
        left join review_versions v on v.submission_id = r.submission_id and v.n = r.published
        where r.published_stars is distinct from v.stars
        """,
    ),
    Check(
        "V07",
        Severity.CRITICAL,
        "a submission's history has a gap, is not as long as its version says, or nobody made it",
        f"""
        select s.submission_id, s.kind, s.version, count(e.seq) events, max(e.seq) last
        from submissions s left join submission_events e using (submission_id)
        group by 1
        having s.version <> count(e.seq) or s.version <> coalesce(max(e.seq), 0) or s.version = 0
            or bool_or(e.actor_kind not in ({KINDS}) or e.actor = '')
        """,  # noqa: S608 - our own enum
    ),
    Check(
        "V08",
        Severity.HIGH,
        "versions of a review or messages about feedback are missing",
        """
        select r.submission_id, r.versions told, count(v.n) kept, max(v.n) last
        from reviews r left join review_versions v using (submission_id)
        group by 1 having r.versions <> count(v.n) or r.versions <> coalesce(max(v.n), 0)
        union all
        select submission_id, null, count(*), max(n)
        from feedback_messages group by 1 having count(*) <> max(n)
        """,
    ),
    Check(
        "V09",
        Severity.CRITICAL,
        "a submission's history is no legal way from its beginning to where it stands",
        f"""
        with move as (
            select concat_ws('>', coalesce(m ->> 0, ''), m ->> 1) way
            from jsonb_array_elements(cast(:moves as jsonb)) m
        ), event as (
            select e.*, s.stage, s.closed_at,
                   lag(e.to_stage) over w came_from, lead(e.seq) over w following
            from submission_events e join submissions s using (submission_id)
            window w as (partition by e.submission_id order by e.seq)
        )
        select submission_id, seq, from_stage, to_stage, what from event
        where from_stage is distinct from came_from
           or (following is null and (
                to_stage <> stage or (closed_at is not null) <> (stage in ({_AT_REST}))))
           or (from_stage is distinct from to_stage
               and concat_ws('>', coalesce(from_stage, ''), to_stage) not in (select way from move))
        """,  # noqa: S608 - our own enum
    ),
    Check(
        "V10",
        Severity.CRITICAL,
        "a submission has not followed the decision that was made last",
        """
        with word as (
            select submission_id, count(*) decisions, max(slot) slots,
                   (array_agg(verdict order by slot desc))[1] verdict
            from submission_decisions group by 1
        )
        select s.submission_id, s.kind, s.stage, w.verdict, w.decisions
        from submissions s left join word w using (submission_id)
        where w.decisions <> w.slots
           or (s.stage in ('published', 'awaiting_answer', 'awaiting_buyer')
               and w.verdict is distinct from 'approve')
           or (s.stage in ('rejected', 'awaiting_appeal')
               and w.verdict is distinct from 'reject')
        """,
    ),
    Check(
        "V11",
        Severity.CRITICAL,
        "a decision on a submission has no known decider, or left no trace in its history",
        """
        select d.decision_id, d.submission_id, d.actor
        from submission_decisions d left join tokens t on t.name = d.actor
        where t.name is null or t.role not in ('auditor', 'lead') or t.role <> d.actor_role
           or not exists (
                select from submission_events e
                where e.submission_id = d.submission_id and e.message_id = d.decision_id
                  and e.actor = d.actor
                  and e.what = case d.verdict when 'approve' then 'approved' else 'rejected' end)
        """,
    ),
    Check(
        "V12",
        Severity.CRITICAL,
        "an appeal was decided by who had refused the review",
        """
        with decision as (
            select *, lag(actor) over (partition by submission_id order by slot) refuser
            from submission_decisions
        )
        select d.submission_id, d.decision_id, d.actor
        from decision d
        join submission_events e
            on e.submission_id = d.submission_id and e.message_id = d.decision_id
        where e.from_stage = 'awaiting_appeal' and d.actor is not distinct from d.refuser
        """,
    ),
    Check(
        "V13",
        Severity.CRITICAL,
        "a submission reaches over the border of its storefront, its line or its customer",
        """
        select s.submission_id, 'opener' part
        from submissions s left join tokens t on t.name = s.opened_by
        where t.storefront is distinct from s.storefront
        union
        select s.submission_id, 'line'
        from submissions s join reviews r using (submission_id)
        left join order_lines l on l.id = r.order_line_id
        where (l.storefront, l.order_id, l.line, l.sku)
            is distinct from (s.storefront, r.order_id, r.line, r.sku)
        union
        select s.submission_id, 'case'
        from submissions s join feedback f using (submission_id)
        join cases c on c.case_id = f.case_id
        where (c.storefront, c.customer_id, c.order_id)
            is distinct from (s.storefront, s.customer_id, f.order_id)
        union
        select v.submission_id, 'photo'
        from review_versions v cross join unnest(v.photos) photo
        left join uploads u on u.upload_id = photo
        left join upload_uses n on n.upload_id = photo
            and n.subject_kind = 'review' and n.subject_id = v.submission_id
        where u.storefront is distinct from v.storefront or not u.used or n.upload_id is null
        union
        select s.submission_id, 'record'
        from submissions s
        join (
            select submission_id, storefront from submission_events
            union all select submission_id, storefront from submission_decisions
            union all select submission_id, storefront from reviews
            union all select submission_id, storefront from review_versions
            union all select submission_id, storefront from review_votes
            union all select submission_id, storefront from feedback
            union all select submission_id, storefront from feedback_messages
            union all select submission_id, storefront from outbox
        ) r using (submission_id)
        where r.storefront <> s.storefront
        """,
    ),
    Check(
        "V14",
        Severity.HIGH,
        "a review was not found helpful by as many customers as it says, or by its own author",
        """
        select r.submission_id, r.helpful, count(v.customer_id) votes
        from reviews r
        join submissions s using (submission_id)
        left join review_votes v using (submission_id)
        group by 1
        having r.helpful <> count(v.customer_id) or bool_or(v.customer_id = s.customer_id)
        """,
    ),
    Check(
        "V15",
        Severity.HIGH,
        "feedback and what it was converted into do not know each other",
        """
        with became as (
            select f.submission_id, 'case ' || c.case_id named, c.storefront, c.customer_id
            from feedback f join cases c on c.case_id = f.converted_to_case
            union all
            select f.submission_id, 'review ' || r.submission_id, r.storefront, r.customer_id
            from feedback f join submissions r on r.submission_id = f.converted_to_review
        )
        select s.submission_id, s.stage, b.named became, e.detail told
        from submissions s
        left join became b using (submission_id)
        left join submission_events e
            on e.submission_id = s.submission_id and e.what = 'converted'
        where (s.stage = 'converted') <> (b.named is not null)
           or b.named is distinct from e.detail
           or (b.named is not null
               and (b.storefront, b.customer_id) <> (s.storefront, s.customer_id))
        """,
    ),
    Check(
        "V16",
        Severity.HIGH,
        "a buyer was asked twice how content they are with a case",
        """
        select case_id, count(*) scores from feedback
        where score is not null group by 1 having count(*) > 1
        """,
    ),
)
