"""Was every repair agreed to and paid for, done once, and did the unit that came go back?"""

from store.invariants.check import Check, Outside, Severity

CHECKS = (
    Check(
        "R01",
        Severity.CRITICAL,
        "another unit left than came in, and nobody said that it was swapped",
        """
        with found as (
            select distinct on (case_id) case_id, serial from diagnoses order by case_id, n desc
        )
        select r.case_id, f.serial diagnosed, r.serial_in, r.serial_out, r.swapped
        from repairs r left join found f using (case_id)
        where f.case_id is null
           or r.serial_in is distinct from f.serial
           or (not r.swapped and r.serial_out is distinct from r.serial_in)
        """,
    ),
    Check(
        "R02",
        Severity.CRITICAL,
        "work was ordered that neither the warranty covered nor the buyer agreed to",
        """
        select e.case_id, e.key, e.state
        from effects e
        where e.action = 'order_repair' and e.state <> 'cancelled'
          and not exists (
            select from diagnoses d left join quotes q using (diagnosis_id)
            where d.case_id = e.case_id and d.repairable
              and (d.covered or q.answer in ('accepted', 'replaced')))
        """,
    ),
    Check(
        "R03",
        Severity.CRITICAL,
        "a unit was given back as repaired without a repair, unpaid, or with its buyer's money",
        """
        select c.case_id, c.paid, q.amount quoted, b.amount billed
        from cases c
        left join repairs r using (case_id)
        left join quotes q on q.case_id = c.case_id and q.answer = 'accepted'
        left join bills b on b.case_id = c.case_id and b.what = 'repair' and b.state = 'paid'
        where c.outcome = 'repaired'
          and (r.case_id is null or c.paid <> 0 or q.amount is distinct from b.amount)
        """,
    ),
    Check(
        "R05",
        Severity.CRITICAL,
        "a unit is in a closed case's hands, or in an open repair's that does not have it",
        """
        with found as (
            select distinct on (case_id) case_id, serial from diagnoses order by case_id, n desc
        )
        select s.case_id, s.serial, c.stage
        from serial_claims s join cases c using (case_id)
        where s.released_at is null and s.claimed_at < c.closed_at
        union all
        select f.case_id, f.serial, c.stage
        from found f join cases c using (case_id)
        where c.closed_at is null and f.serial is not null and not exists (
            select from serial_claims s where s.case_id = f.case_id and s.serial = f.serial)
        """,
    ),
    Check(
        "R06",
        Severity.CRITICAL,
        "a unit that was swapped out of its order came in again as one of its own",
        """
        select d.case_id, d.serial, r.case_id swapped_by
        from diagnoses d
        join case_lines l using (case_id, line)
        join repairs r on r.order_line_id = l.order_line_id and r.swapped
            and r.serial_in = d.serial and r.at < d.at
        where not exists (
            select from repairs b where b.order_line_id = r.order_line_id and b.swapped
                and b.serial_out = d.serial and b.at > r.at)
        """,
    ),
    Check(
        "R04",
        Severity.CRITICAL,
        "a work order of ours is not exactly one in the shop's book, or one of theirs is not ours",
        """
        with taken as (
            select * from jsonb_to_recordset(cast(:work_orders as jsonb))
                as w(id text, key text, created bigint)
        )
        select e.case_id, e.key, count(w.id) work_orders
        from effects e left join taken w using (key)
        where e.action = 'order_repair' and e.state = 'done'
        group by 1, 2 having count(w.id) <> 1
        union all
        select e.case_id, w.key, 1
        from taken w left join effects e using (key)
        where (e.key is null or e.state in ('planned', 'cancelled'))
          and to_timestamp(w.created) < now() - :grace
        """,
        needs=Outside.BOOK,
        party="repair_shop",
    ),
)
