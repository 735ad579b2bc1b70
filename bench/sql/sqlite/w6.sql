-- The fifty newest activities of all kinds.
SELECT json_object('activities', json_object('nodes', json_group_array(json_object(
    'slug', a.slug,
    'kind', upper(a.kind),
    'title', json_object('value', CASE WHEN substr(a.title, 1, 1) = '"' THEN a.title ->> '$' WHEN a.title ->> '$[0].o' = 'original' THEN a.title ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(a.title) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
    'status', upper(a.status),
    'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_object('value', ltrim(a.starts_on, './')) END,
    'hostCity', (
        SELECT json_object('name', json_object('value', CASE WHEN substr(c.name, 1, 1) = '"' THEN c.name ->> '$' WHEN c.name ->> '$[0].o' = 'original' THEN c.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(c.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END))
        FROM record r
        CROSS JOIN city c ON c.id = r.id
        WHERE r.id = a.host_city_id AND r.audience = 'public'
    )))))
FROM (
    SELECT r.slug, t.kind, t.title, t.status, t.starts_on, t.host_city_id
    FROM activity t
    CROSS JOIN record r ON r.id = t.id
    WHERE r.audience = 'public'
    ORDER BY t.starts_first DESC NULLS LAST, t.starts_last DESC NULLS LAST, t.id DESC
    LIMIT 50
) a
