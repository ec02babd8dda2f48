-- People of the newest earlier published quarter who are not in this one; null if there is none.
select
    case when %(previous)s::text is not null then count(*) end::numeric as value,
    jsonb_build_object('compared_with', %(previous)s::text) as detail
from core.users p
where p.quarter = %(previous)s
    and not exists (
        select 1 from core.users u where u.quarter = %(quarter)s and u.cv_partner_user_id = p.cv_partner_user_id
    )
