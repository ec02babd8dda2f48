-- core.dim_clearance: one row per clearance named in the quarter, and None. Ranks follow the United Kingdom's levels of
-- national security vetting and, below them, the police's; a name that is not listed stands just above None.
with ranks (name, rank) as (
    values
        ('None', 0), ('BPSS', 10), ('NPPV1', 20), ('NPPV2', 30), ('NPPV3', 40), ('CTC', 50), ('SC', 60), ('eSC', 70),
        ('DV', 80), ('eDV', 90)
),
named as (
    select 'None' as name
    union
    select clearance from staged.flowcase_clearances where quarter = %(quarter)s and lower(clearance) <> 'none'
)
select %(quarter)s::text as quarter, named.name, coalesce(ranks.rank, 1) as rank
from named
left join ranks using (name)
order by named.name
