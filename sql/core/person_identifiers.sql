-- Whom an e-mail address, UPN, external id or Flowcase id names in this quarter: one row per kind and value.
-- people > 1 means that it names several, so that nobody can be told by it.
select kind, value, min(cv_partner_user_id collate "C") as cv_partner_user_id, count(distinct cv_partner_user_id) as people
from users
cross join lateral (
    values
        ('email', lower(email)), ('upn', lower(upn)), ('external', external_user_id), ('flowcase', cv_partner_user_id)
) as identifier (kind, value)
where quarter = %(quarter)s and value is not null
group by kind, value
