-- The people that the KPI counts, each with a line of the user report.
select
    quarter,
    null::text as part,
    quarter as row_quarter,
    'core.users' as source,
    cv_partner_user_id as key,
    delivery,
    row_no,
    null::numeric as value,
    null::jsonb as also
from core.users
