"""Are the goods right: between inspection, what stays, the shelves and the carrier's book?"""

from store.invariants.check import Check, Outside, Severity

CHECKS = (
    Check(
        "G01",
        Severity.CRITICAL,
        "units that stay with the shop are not settled, or others not free, in a completed case",
        """
        select c.case_id, l.order_line_id, l.units, l.kept, l.settled_at, l.released_at
        from cases c join claims l using (case_id)
        where c.stage = 'completed' and c.kind <> 'refund'
          and ((l.kept and l.settled_at is null) or (not l.kept and l.released_at is null))
        """,
    ),
    Check(
        "G02",
        Severity.CRITICAL,
        "not as many units stay with the shop as were accepted, bought by an offer, or lost later",
        """
        with kept as (
            select case_id, order_line_id,
                   coalesce(sum(upper(units) - lower(units)) filter (where kept), 0) units
            from claims group by 1, 2
        )
        select i.case_id, i.line, i.received, i.accepted, k.units kept
        from inspection_lines i
        join case_lines l using (case_id, line)
        join kept k using (case_id, order_line_id)
        left join offers o using (case_id)
        where k.units <> case
            when o.answer = 'accepted' or exists (
                select from parcels p where p.case_id = i.case_id and p.lost_at is not null)
            then least(i.received, l.quantity)
            else i.accepted
        end
          -- What was rejected after all goes back whole.
          and not exists (
            select from decisions d where d.case_id = i.case_id and d.verdict = 'reject')
        """,
    ),
    Check(
        "G03",
        Severity.CRITICAL,
        "accepted units were not put on a shelf exactly once",
        """
        select e.case_id, i.line, i.accepted, coalesce(sum(m.on_hand), 0) shelved
        from effects e
        join inspection_lines i using (case_id)
        left join stock_moves m on m.key = e.key || '-' || i.line and m.move = 'put_back'
        where e.action = 'restock' and e.state = 'done'
          and i.accepted > 0 and i.disposition in ('restock', 'resale')
        group by 1, 2, 3 having coalesce(sum(m.on_hand), 0) <> i.accepted
        """,
    ),
    Check(
        "G04",
        Severity.CRITICAL,
        "a parcel of ours is not exactly one in the carrier's book, or one of theirs is not ours",
        """
        with shipment as (
            select * from jsonb_to_recordset(cast(:shipments as jsonb))
                as s(id text, key text, created bigint)
        )
        select e.case_id, e.key, count(s.id) shipments
        from effects e left join shipment s using (key)
        where e.action in ('book_pickup', 'send_parcel') and e.state = 'done'
        group by 1, 2 having count(s.id) <> 1
        union all
        select e.case_id, s.key, 1
        from shipment s left join effects e using (key)
        where (e.key is null or e.state in ('planned', 'cancelled'))
          and to_timestamp(s.created) < now() - :grace
        """,
        needs=Outside.BOOK,
        party="carrier",
    ),
    Check(
        "G05",
        Severity.HIGH,
        "something that a case has to have done has been open for too long",
        """
        select case_id, action, state, code, planned_at from effects
        where state in ('planned', 'requested', 'unknown') and planned_at < now() - :stuck
          and not (action = 'collect_bill' and reference is not null)
        """,
    ),
    Check(
        "G06",
        Severity.CRITICAL,
        "a parcel was delivered and nobody was told: its case waits for it, or for nothing at all",
        """
        select p.case_id, p.parcel_id, c.stage, p.seen_at
        from parcels p join cases c using (case_id)
        where p.direction = 'inbound' and p.status = 'delivered' and c.received_at is null
          and (c.stage = 'awaiting_parcel'
               or c.attention in ('parcel_silent', 'parcel_astray')
               or (c.closed_at is not null and not exists (
                    select from arrivals a where a.parcel_id = p.parcel_id)))
        """,
    ),
    Check(
        "G07",
        Severity.HIGH,
        "a closed case keeps a tracking number, or a report is told of a parcel with another one",
        """
        select p.case_id, p.parcel_id, p.carrier, p.tracking_number
        from parcels p join cases c using (case_id)
        where p.released_at is null and c.closed_at is not null
        union all
        select p.case_id, p.parcel_id, r.carrier, r.tracking_number
        from parcels p join parcel_reports r using (parcel_id)
        where (r.carrier, r.tracking_number) <> (p.carrier, p.tracking_number)
        """,
    ),
    Check(
        "G08",
        Severity.HIGH,
        "goods that no case waited for are to go back, and no parcel takes them",
        """
        select a.case_id, a.arrival_id, a.action, e.action sends, e.state
        from arrivals a left join effects e using (effect_id)
        where a.action = 'send_back' and (e.action is distinct from 'send_parcel'
            or e.case_id <> a.case_id or e.state = 'cancelled')
        """,
    ),
)
