-- core.work_experience: one row per CV and job section, per quarter.
select
    s.quarter,
    s.cv_partner_cv_id,
    s.cv_partner_section_id,
    s.external_unique_id,
    s.month_from,
    s.year_from,
    s.month_to,
    s.year_to,
    s.highlighted,
    s.employer,
    s.description,
    s.long_description,
    s.updated::date as updated,
    s.updated_by_owner::date as updated_by_owner,
    s.delivery,
    s.row_no,
    case when c.cv_partner_cv_id is null then 'cv_known' end as outcome
from staged.flowcase_work_experiences s
left join cvs c on c.quarter = s.quarter and c.cv_partner_cv_id = s.cv_partner_cv_id
where s.quarter = %(quarter)s
