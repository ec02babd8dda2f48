-- core.blog_publication: one row per CV and blog or publication section, per quarter.
select
    s.quarter,
    s.cv_partner_cv_id,
    s.cv_partner_section_id,
    s.external_unique_id,
    s.blog_name as name,
    s.description,
    s.highlighted,
    s.updated::date as updated,
    s.updated_by_owner::date as updated_by_owner,
    s.delivery,
    s.row_no,
    case when c.cv_partner_cv_id is null then 'cv_known' end as outcome
from staged.flowcase_blogs s
left join cvs c on c.quarter = s.quarter and c.cv_partner_cv_id = s.cv_partner_cv_id
where s.quarter = %(quarter)s
