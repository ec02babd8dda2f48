-- core.dim_project_type: one row per kind of project named in the quarter's projects.
select distinct quarter, coalesce(project_type_int, project_type_multilang ->> 'int') as name
from staged.flowcase_project_experiences
where quarter = %(quarter)s and coalesce(project_type_int, project_type_multilang ->> 'int') is not null
order by name
