-- CVs in the quarter.
select count(*)::numeric as value, null::jsonb as detail
from core.cvs
where quarter = %(quarter)s
