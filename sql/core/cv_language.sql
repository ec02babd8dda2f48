-- core.cv_language: one row per CV and language, per quarter.
select
    s.quarter,
    s.cv_partner_cv_id,
    s.language,
    s.level,
    s.highlighted,
    s.is_official_masterdata,
    s.updated::date as updated,
    s.updated_by_owner::date as updated_by_owner,
    s.delivery,
    s.row_no,
    case when c.cv_partner_cv_id is null then 'cv_known' end as outcome
from staged.flowcase_languages s
left join cvs c on c.quarter = s.quarter and c.cv_partner_cv_id = s.cv_partner_cv_id
where s.quarter = %(quarter)s
