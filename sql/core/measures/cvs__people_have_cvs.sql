-- There are as many CVs as people.
select point, people as units, least(cvs, people) as passed
from (select count(*) as people from users) p
cross join (
    select 'received' as point, count(distinct cv_partner_cv_id) as cvs
    from staged.flowcase_users
    where quarter = %(quarter)s
    union all
    select 'published', count(*) from cvs
) c
