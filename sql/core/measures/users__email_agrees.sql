-- The e-mail address is, but for upper and lower case, the one in the usage report.
select point, count(*) as units, count(*) filter (where lower(here.email) = lower(there.email)) as passed
from (
    select 'received' as point, cv_partner_user_id, email from staged.flowcase_users where quarter = %(quarter)s
    union all
    select 'published', cv_partner_user_id, email from users
) here
join staged.flowcase_usage there on there.quarter = %(quarter)s and there.cv_partner_user_id = here.cv_partner_user_id
where here.email is not null and there.email is not null
group by point
