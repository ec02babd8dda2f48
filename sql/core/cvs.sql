-- core.cvs: one row per CV and quarter, from the user report. People without a CV have none.
select
    s.quarter,
    s.cv_partner_cv_id,
    s.cv_partner_user_id,
    s.title as title_multilang,
    s.years_of_education,
    s.years_since_first_work_experience,
    s.has_profile_image,
    s.owns_reference_project,
    s.read_privacy_notice,
    s.cv_last_updated_by_owner::date as cv_last_updated_by_owner,
    s.cv_last_updated::date as cv_last_updated,
    s.sfia_level,
    s.cpd_level,
    s.cpd_band,
    s.cpd_label,
    s.delivery,
    s.row_no,
    case when s.cv_partner_cv_id is null then 'skip' end as outcome
from staged.flowcase_users s
where s.quarter = %(quarter)s
