-- core.dim_technology: one row per technology named in the quarter.
select distinct quarter, skill_name as name
from staged.flowcase_technologies
where quarter = %(quarter)s and skill_name is not null
order by name
