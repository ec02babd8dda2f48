-- Mean percentage of all availability rows of the quarter, weekends included; null without any.
select round(avg(percent_available), 6) as value, null::jsonb as detail
from core.user_availability
where quarter = %(quarter)s
