-- Mean percentage of the quarter's availability rows that fall on Monday to Friday; null without any.
select round(avg(percent_available), 6) as value, null::jsonb as detail
from core.user_availability
where quarter = %(quarter)s and extract(isodow from date) < 6
