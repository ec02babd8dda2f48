-- A person's CV has as many of these sections as the usage report says.
select point, count(*) as units, count(*) filter (where stated = found) as passed
from (
    select u.{counter} as stated, coalesce(d.sections, 0) as delivered, coalesce(k.sections, 0) as kept
    from staged.flowcase_usage u
    left join (
        select cv_partner_user_id, count(*) as sections
        from {staged}
        where quarter = %(quarter)s
        group by cv_partner_user_id
    ) d using (cv_partner_user_id)
    left join (
        select c.cv_partner_user_id, s.sections
        from (select cv_partner_cv_id, count(*) as sections from {core} group by cv_partner_cv_id) s
        join cvs c using (cv_partner_cv_id)
    ) k using (cv_partner_user_id)
    where u.quarter = %(quarter)s and u.{counter} is not null
) people
cross join lateral (values ('received', delivered), ('published', kept)) told (point, found)
group by point
