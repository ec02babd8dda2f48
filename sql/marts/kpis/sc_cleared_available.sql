-- People who hold an SC clearance valid on the quarter's last day and whose latest availability on or before that day
-- is at least 50 percent.
with cleared as (
    select distinct cv_partner_user_id
    from core.user_clearance
    where quarter = %(quarter)s
        and clearance = 'SC'
        and valid_from <= %(last_day)s
        and (valid_to is null or valid_to >= %(last_day)s)
),
latest as (
    select distinct on (cv_partner_user_id) cv_partner_user_id, percent_available
    from core.user_availability
    where quarter = %(quarter)s and date <= %(last_day)s
    order by cv_partner_user_id, date desc
)
select count(*)::numeric as value, null::jsonb as detail
from cleared
join latest using (cv_partner_user_id)
where percent_available >= 50
