-- The people that the KPI counts: they are in the quarter it was compared with, row_quarter, and not in its own.
select
    k.quarter,
    null::text as part,
    p.quarter as row_quarter,
    'core.users' as source,
    p.cv_partner_user_id as key,
    p.delivery,
    p.row_no,
    null::numeric as value,
    null::jsonb as also
from marts.kpis k
join core.users p on p.quarter = k.detail ->> 'compared_with'
where k.kpi = 'leavers'
    and not exists (
        select 1 from core.users u where u.quarter = k.quarter and u.cv_partner_user_id = p.cv_partner_user_id
    )
