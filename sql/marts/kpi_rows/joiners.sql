-- The people that the KPI counts: they are in its quarter and not in the one it was compared with.
select
    k.quarter,
    null::text as part,
    u.quarter as row_quarter,
    'core.users' as source,
    u.cv_partner_user_id as key,
    u.delivery,
    u.row_no,
    null::numeric as value,
    null::jsonb as also
from marts.kpis k
join core.users u on u.quarter = k.quarter
where k.kpi = 'joiners'
    and k.value is not null
    and not exists (
        select 1
        from core.users p
        where p.quarter = k.detail ->> 'compared_with' and p.cv_partner_user_id = u.cv_partner_user_id
    )
