"""Are pieces held by whom they should be, and is what is on hand what came and went?"""

from store.invariants.check import Check, Severity

CHECKS = (
    Check(
        "K01",
        Severity.CRITICAL,
        "the pieces held are not those of the live holds",
        """
        with live as (
            select storefront, sku, warehouse, sum(quantity) quantity
            from stock_holds where ended is null group by 1, 2, 3
        )
        select storefront, sku, warehouse, s.held, l.quantity live
        from stock s full join live l using (storefront, sku, warehouse)
        where coalesce(s.held, 0) <> coalesce(l.quantity, 0)
        """,
    ),
    Check(
        "K02",
        Severity.CRITICAL,
        "more pieces are held than are on hand, or fewer than none are there",
        """
        select storefront, sku, warehouse, on_hand, held from stock
        where on_hand < 0 or held < 0 or held > on_hand
        """,
    ),
    Check(
        "K03",
        Severity.CRITICAL,
        "what came and went does not add up to what is on hand and held",
        """
        with moved as (
            select storefront, sku, warehouse, sum(on_hand) on_hand, sum(held) held
            from stock_moves group by 1, 2, 3
        )
        select storefront, sku, warehouse, s.on_hand, m.on_hand moved, s.held, m.held moved_held
        from stock s full join moved m using (storefront, sku, warehouse)
        where (coalesce(s.on_hand, 0), coalesce(s.held, 0))
                <> (coalesce(m.on_hand, 0), coalesce(m.held, 0))
        """,
    ),
    Check(
        "K04",
        Severity.CRITICAL,
        "a hold did not begin or end as its moves say",
        """
        with said as (
            select key, storefront, sku, warehouse,
                   sum(held) filter (where move = 'hold') quantity,
                   sum(held) filter (where move <> 'hold') given_up,
                   max(move) filter (where move <> 'hold') ended
            from stock_moves where move not in ('put', 'put_back') group by 1, 2, 3, 4
        )
        select key, h.storefront, h.sku, h.warehouse, h.quantity, s.quantity moved,
               h.ended, s.ended move
        from stock_holds h full join said s using (key)
        where (h.storefront, h.sku, h.warehouse, h.quantity)
                is distinct from (s.storefront, s.sku, s.warehouse, s.quantity)
           or h.ended is distinct from s.ended
           or s.quantity + s.given_up <> 0
        """,
    ),
    Check(
        "K06",
        Severity.CRITICAL,
        "pieces are held in another condition than their shelf's, or than their case asked for",
        """
        with replacing as (
            select case_id, r.condition, e.key || '-' || r.line key
            from case_replacements r join effects e using (case_id)
            where e.action = 'hold_stock' and not exists (
                select from decisions d
                where d.case_id = e.case_id and d.verdict = 'reject' and d.at <= e.planned_at)
        )
        select key, h.storefront, h.sku, h.warehouse, h.condition,
               s.condition of_shelf, r.condition asked
        from stock_holds h join stock s using (storefront, sku, warehouse)
        left join replacing r using (key)
        where s.condition <> h.condition or r.condition <> h.condition
        """,
    ),
    Check(
        "K07",
        Severity.CRITICAL,
        "used pieces are among those sold as new, or new ones among those sold as used",
        """
        select storefront, sku, warehouse, condition, on_hand from stock
        where (warehouse = 'main' and condition <> 'new')
           or (warehouse = 'resale' and condition <> 'used')
        """,
    ),
)
