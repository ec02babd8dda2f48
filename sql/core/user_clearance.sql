-- core.user_clearance: one row per person, clearance and first day, per quarter. The person is the one named by the
-- row's e-mail address, else by its UPN, external id or Flowcase id; an identifier that several people share names nobody. A blank name means None, a blank start is
-- 1900-01-01, and an end before the start is taken away; each such change is written beside the row.
select
    s.quarter,
    coalesce(e.cv_partner_user_id, u.cv_partner_user_id, x.cv_partner_user_id, f.cv_partner_user_id)
        as cv_partner_user_id,
    case when lower(coalesce(s.clearance, 'none')) = 'none' then 'None' else s.clearance end as clearance,
    coalesce(s.valid_from, date '1900-01-01') as valid_from,
    case when s.valid_to >= coalesce(s.valid_from, date '1900-01-01') then s.valid_to end as valid_to,
    s.verified_by,
    s.notes,
    nullif(
        jsonb_strip_nulls(jsonb_build_object(
            'clearance', case when s.clearance is null then 'blank_name' end,
            'valid_from', case when s.valid_from is null then 'blank_start' end,
            'valid_to', case when s.valid_to < coalesce(s.valid_from, date '1900-01-01') then 'end_before_start' end
        )),
        '{}'::jsonb
    ) as changes,
    s.delivery,
    s.row_no,
    case
        when coalesce(e.cv_partner_user_id, u.cv_partner_user_id, x.cv_partner_user_id, f.cv_partner_user_id) is null
            then 'user_known'
    end as outcome
from staged.flowcase_clearances s
left join person_identifiers e on e.people = 1 and e.kind = 'email' and e.value = lower(s.email)
left join person_identifiers u on u.people = 1 and u.kind = 'upn' and u.value = lower(s.upn)
left join person_identifiers x on x.people = 1 and x.kind = 'external' and x.value = s.external_user_id
left join person_identifiers f on f.people = 1 and f.kind = 'flowcase' and f.value = s.cv_partner_user_id
where s.quarter = %(quarter)s
