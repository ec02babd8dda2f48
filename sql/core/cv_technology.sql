-- core.cv_technology: one row per CV and technology, per quarter.
select
    s.quarter,
    s.cv_partner_cv_id,
    s.skill_name as technology,
    s.years_experience,
    s.proficiency,
    s.is_official_masterdata,
    s.delivery,
    s.row_no,
    case when c.cv_partner_cv_id is null then 'cv_known' end as outcome
from staged.flowcase_technologies s
left join cvs c on c.quarter = s.quarter and c.cv_partner_cv_id = s.cv_partner_cv_id
where s.quarter = %(quarter)s
