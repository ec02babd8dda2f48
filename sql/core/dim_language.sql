-- core.dim_language: one row per language named in the quarter.
select distinct quarter, language as name
from staged.flowcase_languages
where quarter = %(quarter)s and language is not null
order by name
