-- People of the quarter who are not in the newest earlier quarter that is published; null if there is none.
select
    case when %(previous)s::text is not null then count(*) end::numeric as value,
    jsonb_build_object('compared_with', %(previous)s::text) as detail
from core.users u
where u.quarter = %(quarter)s
    and not exists (
        select 1 from core.users p where p.quarter = %(previous)s and p.cv_partner_user_id = u.cv_partner_user_id
    )
