-- core.cv_role: one row per CV and role, per quarter.
select
    s.quarter,
    s.cv_partner_cv_id,
    s.role_name as name,
    s.description,
    s.highlighted,
    s.updated::date as updated,
    s.updated_by_owner::date as updated_by_owner,
    s.delivery,
    s.row_no,
    case when c.cv_partner_cv_id is null then 'cv_known' end as outcome
from staged.flowcase_cv_roles s
left join cvs c on c.quarter = s.quarter and c.cv_partner_cv_id = s.cv_partner_cv_id
where s.quarter = %(quarter)s
