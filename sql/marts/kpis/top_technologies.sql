-- The five technologies that most CVs name, ties by name; value is the number of CVs that name the first.
with counted as (
    select technology, count(*) as cvs
    from core.cv_technology
    where quarter = %(quarter)s
    group by technology
),
ranked as (
    select technology, cvs, row_number() over (order by cvs desc, technology collate "C") as rank from counted
)
select
    max(cvs)::numeric as value,
    jsonb_agg(jsonb_build_object('rank', rank, 'technology', technology, 'cvs', cvs) order by rank) as detail
from ranked
where rank <= 5
