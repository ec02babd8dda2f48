-- core.dim_industry: one row per industry named in the quarter's projects.
select distinct quarter, coalesce(industry_int, industry_multilang ->> 'int') as name
from staged.flowcase_project_experiences
where quarter = %(quarter)s and coalesce(industry_int, industry_multilang ->> 'int') is not null
order by name
