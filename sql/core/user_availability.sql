-- core.user_availability: one row per person and day, per quarter. The person is found as in core.user_clearance.
select
    s.quarter,
    coalesce(e.cv_partner_user_id, u.cv_partner_user_id, x.cv_partner_user_id, f.cv_partner_user_id)
        as cv_partner_user_id,
    s.date,
    s.percent_available,
    s.source,
    s.delivery,
    s.row_no,
    case
        when coalesce(e.cv_partner_user_id, u.cv_partner_user_id, x.cv_partner_user_id, f.cv_partner_user_id) is null
            then 'user_known'
    end as outcome
from staged.flowcase_availability s
left join person_identifiers e on e.people = 1 and e.kind = 'email' and e.value = lower(s.email)
left join person_identifiers u on u.people = 1 and u.kind = 'upn' and u.value = lower(s.upn)
left join person_identifiers x on x.people = 1 and x.kind = 'external' and x.value = s.external_user_id
left join person_identifiers f on f.people = 1 and f.kind = 'flowcase' and f.value = s.cv_partner_user_id
where s.quarter = %(quarter)s
