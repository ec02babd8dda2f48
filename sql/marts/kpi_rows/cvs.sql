-- The CVs that the KPI counts, each with a line of the user report.
select
    quarter,
    null::text as part,
    quarter as row_quarter,
    'core.cvs' as source,
    cv_partner_cv_id as key,
    delivery,
    row_no,
    null::numeric as value,
    null::jsonb as also
from core.cvs
