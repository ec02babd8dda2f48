-- The days of which the KPI is the mean; value is the day's percentage.
select
    quarter,
    null::text as part,
    quarter as row_quarter,
    'core.user_availability' as source,
    concat_ws('/', cv_partner_user_id, date) as key,
    delivery,
    row_no,
    percent_available::numeric as value,
    null::jsonb as also
from core.user_availability
