-- The fifty newest activities of all kinds.
SELECT json_build_object('activities', json_build_object('nodes', coalesce(json_agg(json_build_object(
    'slug', a.slug,
    'kind', upper(a.kind),
    'title', json_build_object('value', CASE WHEN left(a.title, 1) = '"' THEN a.title::json WHEN a.title::json #>> '{0,o}' = 'original' THEN a.title::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(a.title::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
    'status', upper(a.status),
    'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_build_object('value', ltrim(a.starts_on, './')) END,
    'hostCity', (
        SELECT json_build_object('name', json_build_object('value', CASE WHEN left(c.name, 1) = '"' THEN c.name::json WHEN c.name::json #>> '{0,o}' = 'original' THEN c.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(c.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END))
        FROM record r
        JOIN city c ON c.id = r.id
        WHERE r.id = a.host_city_id AND r.audience = 'public'
    )) ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC), '[]')))::text
FROM (
    SELECT r.slug, t.*
    FROM activity t
    JOIN record r ON r.id = t.id
    WHERE r.audience = 'public'
    ORDER BY t.starts_first DESC NULLS LAST, t.starts_last DESC NULLS LAST, t.id DESC
    LIMIT 50
) a
