"""Is no request lost, does every case go on, and did each go a legal way?"""

from store.invariants.check import Check, Outside, Severity

SUBJECT = """
        with subject as (
            select case_id id, kind, stage, opened_at, closed_at, due_at, remind_at, version,
                   storefront
            from cases
            union all
            select submission_id, kind, stage, opened_at, closed_at, due_at, remind_at, version,
                   storefront
            from submissions
        ), event as (
            select case_id id, what, at from case_events
            union all
            select submission_id, what, at from submission_events
        )
        """
"""Whatever has a workflow: cases and submissions, and what happened to them."""

CHECKS = (
    Check(
        "L01",
        Severity.CRITICAL,
        "a request was accepted and what it asked for is not there",
        """
        select k.storefront, k.route, k.key, k.location
        from idempotency_keys k
        left join subject s on s.storefront = k.storefront
            and k.location = case s.kind when 'review' then '/v1/reviews/'
                                         when 'feedback' then '/v1/feedback/'
                                         else '/v1/cases/' end || s.id
        where k.route <> 'POST /v1/uploads' and k.status between 200 and 299
          and (s.id is null or (k.route = 'POST /v1/cases' and k.case_id is distinct from s.id))
        """,
        over=SUBJECT,
    ),
    Check(
        "L02",
        Severity.CRITICAL,
        "a case, review or feedback was never handed to Temporal",
        # What was at rest from its first event on, a score without a word, needs no workflow.
        """
        select s.id, s.kind, s.stage, s.opened_at
        from subject s
        where s.opened_at < now() - :grace
          and not (s.version = 1 and s.closed_at is not null) and not exists (
            select from outbox o
            where o.subject = s.id and o.topic = 'start' and o.delivered_at is not null)
        """,
        over=SUBJECT,
    ),
    Check(
        "L03",
        Severity.CRITICAL,
        "what is open has no running workflow or one older than its row, or what is closed has one",
        # A stage is entered with a deadline of its own: the two tell one entry from another.
        # Temporal keeps less of a time than microseconds.
        # What is closed may still have a pickup to call off.
        """
        , seen as (
            select * from jsonb_to_recordset(cast(:workflows as jsonb))
                as w(id uuid, status text, stage text, due_at timestamptz)
        ), moved as (
            select id, max(at) at from event group by 1
        )
        select coalesce(s.id, w.id) id, s.kind, s.stage,
               coalesce(w.status, 'NOT_FOUND') workflow, w.stage workflow_stage
        from subject s
        full join seen w using (id)
        left join moved m using (id)
        where (s.id is null and w.status = 'RUNNING')
           or (m.at < now() - :grace
               and case when w.status is distinct from 'RUNNING' then s.closed_at is null
                   else w.stage <> s.stage
                     or (w.due_at is null) <> (s.due_at is null)
                     or abs(extract(epoch from w.due_at - s.due_at)) > 1
                     or (s.closed_at is not null and not exists (
                        select from effects e where e.case_id = s.id
                          and e.state in ('planned', 'requested', 'unknown')))
                   end)
        """,
        needs=Outside.WORKFLOWS,
        over=SUBJECT,
    ),
    Check(
        "L04",
        Severity.HIGH,
        "a time came and nothing happened: no reminder, no escalation, no money",
        """
        select s.id, s.kind, s.stage, s.due_at, s.remind_at
        from subject s
        where s.closed_at is null and (
            s.due_at is null
            or s.remind_at < now() - :grace
            or (s.due_at < now() - :grace and not exists (
                select from event e
                where e.id = s.id and e.what = 'escalated' and e.at >= s.due_at)))
        """,
        over=SUBJECT,
    ),
    Check(
        "L05",
        Severity.HIGH,
        "Temporal has not been told what it should have been by now",
        """
        select id, subject, topic, created_at, attempts from outbox
        where delivered_at is null and created_at < now() - :grace
        """,
    ),
    Check(
        "L06",
        Severity.HIGH,
        "a webhook was received and never acted on",
        """
        select provider, event_id, type, payout_id, received_at from inbox
        where processed_at is null and received_at < now() - :grace
        """,
    ),
    Check(
        "S01",
        Severity.CRITICAL,
        "a case's history is no legal way from its opening to where it stands",
        """
        with edge as (
            select concat_ws('>', coalesce(e ->> 0, ''), e ->> 1) way
            from jsonb_array_elements(cast(:edges as jsonb)) e
        ), event as (
            select e.*, c.stage,
                   lag(e.to_stage) over w came_from, lead(e.seq) over w following
            from case_events e join cases c using (case_id)
            window w as (partition by e.case_id order by e.seq)
        )
        select case_id, seq, from_stage, to_stage, what from event
        where from_stage is distinct from came_from
           or (following is null and to_stage <> stage)
           or (from_stage is distinct from to_stage
               and concat_ws('>', coalesce(from_stage, ''), to_stage) not in (select way from edge))
        """,
    ),
    Check(
        "S02",
        Severity.CRITICAL,
        "a closed case has money on its way, or is closed by halves",
        """
        select c.case_id, c.stage, p.payout_id, p.state
        from cases c join payouts p using (case_id)
        where c.closed_at is not null and p.state in ('reserved', 'sending', 'pending', 'unknown')
        union all
        select case_id, stage, null, outcome from cases
        where (closed_at is null)
                = (stage in ('completed', 'rejected', 'cancelled', 'expired'))
           or (closed_at is null) <> (outcome is null)
           or (closed_at is not null and shipping_held <> 0)
        """,
    ),
    Check(
        "S03",
        Severity.CRITICAL,
        "a case has not followed its decision, or has two that contradict each other",
        """
        with word as (
            select case_id,
                   count(*) filter (where verdict = 'approve') approvals,
                   count(*) filter (where verdict = 'reject') rejections,
                   bool_or(verdict = 'approve' and slot > rejected_in) after_rejection,
                   count(*) <> max(slot) gap
            from (
                select *, min(slot) filter (where verdict = 'reject')
                    over (partition by case_id) rejected_in
                from decisions
            ) d
            group by 1
        )
        select c.case_id, c.stage, coalesce(w.approvals, 0) approvals,
               coalesce(w.rejections, 0) rejections
        from cases c left join word w using (case_id)
        left join (
            select case_id, bool_or(lost_at is not null) lost from parcels group by 1
        ) sent using (case_id)
        where w.gap
           -- What was to go back to the buyer, and is lost, is decided on anew.
           or (not coalesce(sent.lost, false) and (w.rejections > 1 or w.after_rejection
               or (c.stage <> 'rejected' and w.rejections > 0 and (c.received_at is null
                   or not (c.stage in ('shipping', 'needs_attention')
                           or c.outcome = 'given_up')))))
           or (c.stage = 'rejected' and coalesce(w.rejections, 0) = 0 and not exists (
                select from inspections i where i.case_id = c.case_id and not exists (
                    select from inspection_lines l where l.case_id = i.case_id and l.accepted > 0)))
           or (c.stage in ('awaiting_parcel', 'awaiting_inspection', 'awaiting_buyer',
                           'awaiting_stock', 'in_repair', 'shipping',
                           'paying', 'completed', 'needs_attention')
               and coalesce(w.approvals, 0) = 0)
        """,
    ),
)
