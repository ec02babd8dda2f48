-- core.users: one row per person and quarter, from the user report; nationality from the usage report.
select
    s.quarter,
    s.cv_partner_user_id,
    s.name,
    coalesce(s.name_multilang, '{}'::jsonb) as name_multilang,
    u.nationality as nationality_multilang,
    s.email,
    s.upn,
    s.external_user_id,
    s.phone_number,
    s.landline,
    s.birth_year,
    s.department,
    s.country,
    s.access_roles,
    s.user_created_at::date as user_created_at,
    s.delivery,
    s.row_no,
    null::text as outcome
from staged.flowcase_users s
left join staged.flowcase_usage u
    on u.quarter = s.quarter and u.cv_partner_user_id = s.cv_partner_user_id
where s.quarter = %(quarter)s
