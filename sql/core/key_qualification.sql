-- core.key_qualification: one row per CV and summary section, per quarter.
select
    s.quarter,
    s.cv_partner_cv_id,
    s.cv_partner_section_id,
    s.external_unique_id,
    s.label,
    s.summary_of_qualifications as summary,
    s.short_description,
    s.updated::date as updated,
    s.updated_by_owner::date as updated_by_owner,
    s.delivery,
    s.row_no,
    case when c.cv_partner_cv_id is null then 'cv_known' end as outcome
from staged.flowcase_key_qualifications s
left join cvs c on c.quarter = s.quarter and c.cv_partner_cv_id = s.cv_partner_cv_id
where s.quarter = %(quarter)s
