-- What CVs say of the five technologies that the KPI names; part is the technology.
with counted as (
    select quarter, technology, count(*) as cvs
    from core.cv_technology
    group by quarter, technology
),
ranked as (
    select
        quarter,
        technology,
        row_number() over (partition by quarter order by cvs desc, technology collate "C") as rank
    from counted
)
select
    t.quarter,
    t.technology as part,
    t.quarter as row_quarter,
    'core.cv_technology' as source,
    concat_ws('/', t.cv_partner_cv_id, t.technology) as key,
    t.delivery,
    t.row_no,
    null::numeric as value,
    null::jsonb as also
from core.cv_technology t
join ranked r on r.quarter = t.quarter and r.technology = t.technology
where r.rank <= 5
