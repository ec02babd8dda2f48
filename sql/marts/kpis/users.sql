-- People with a Flowcase account in the quarter.
select count(*)::numeric as value, null::jsonb as detail
from core.users
where quarter = %(quarter)s
