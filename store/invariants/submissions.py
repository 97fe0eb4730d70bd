"""Is nothing lost that buyers said, does every review and feedback go on, each a legal way?"""

from store.invariants.check import Check, Outside, Severity

CHECKS = (
    Check(
        "W01",
        Severity.CRITICAL,
        "a review or feedback was accepted and is not there",
        """
        select k.storefront, k.key, k.location
        from idempotency_keys k
        left join submissions s on s.storefront = k.storefront
            and k.route = 'POST /v1/' || case s.kind when 'review' then 'reviews' else s.kind end
            and k.location = substr(k.route, 6) || '/' || s.submission_id
        where k.route in ('POST /v1/reviews', 'POST /v1/feedback')
            and k.status between 200 and 299 and s.submission_id is null
        """,
    ),
    Check(
        "W02",
        Severity.CRITICAL,
        "a review or feedback that waits was never handed to Temporal",
        """
        select s.submission_id, s.kind, s.stage, s.opened_at
        from submissions s
        where s.closed_at is null and s.opened_at < now() - :grace and not exists (
            select from outbox o where o.submission_id = s.submission_id
                and o.topic = 'start' and o.delivered_at is not null)
        """,
    ),
    Check(
        "W03",
        Severity.CRITICAL,
        "a review or feedback that waits has no running workflow, or one at rest still has",
        """
        with seen as (
            select * from jsonb_to_recordset(cast(:workflows as jsonb))
                as w(case_id uuid, status text)
        ), moved as (
            select submission_id, max(at) at from submission_events group by 1
        )
        select s.submission_id, s.kind, s.stage, coalesce(w.status, 'NOT_FOUND') workflow
        from submissions s
        join moved m using (submission_id)
        left join seen w on w.case_id = s.submission_id
        where m.at < now() - :grace
            and (s.closed_at is null) <> (w.status is not distinct from 'RUNNING')
        """,
        needs=Outside.WORKFLOWS,
    ),
    Check(
        "W04",
        Severity.HIGH,
        "the time of a review or feedback came and nothing happened",
        """
        select s.submission_id, s.kind, s.stage, s.due_at, s.remind_at
        from submissions s
        where s.closed_at is null and (
            s.remind_at is null
            or s.remind_at < now() - :grace
            or (s.due_at < now() - :grace and not exists (
                select from submission_events e
                where e.submission_id = s.submission_id
                    and e.what = 'escalated' and e.at >= s.due_at)))
        """,
    ),
    Check(
        "W05",
        Severity.CRITICAL,
        "the history of a review or feedback is no legal way to where it stands",
        """
        with edge as (
            select e ->> 0 before, e ->> 1 after
            from jsonb_array_elements(cast(:submission_edges as jsonb)) e
        ), event as (
            select e.*, s.stage, s.version,
                   lag(e.to_stage) over w came_from, lead(e.seq) over w following
            from submission_events e join submissions s using (submission_id)
            window w as (partition by e.submission_id order by e.seq)
        )
        select submission_id, seq, from_stage, to_stage, what from event
        where from_stage is distinct from came_from
           or (following is null and (to_stage, seq) <> (stage, version))
           or (from_stage is distinct from to_stage and not exists (
                select from edge
                where before is not distinct from from_stage and after = to_stage))
        """,
    ),
)
