-- A page of projects, and how many there are.
SELECT json_build_object('projects', json_build_object('totalCount', (SELECT count(*) FROM project p JOIN record r ON r.id = p.id WHERE p.status = 'completed' AND r.audience = 'public'),
    'nodes', (
    SELECT coalesce(json_agg(json_build_object(
        'slug', p.slug, 'title', json_build_object('value', CASE WHEN left(p.title, 1) = '"' THEN p.title::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(p.title::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END), 'status', upper(p.status), 'startsOn', CASE WHEN p.starts_on IS NULL THEN NULL ELSE json_build_object('value', p.starts_on) END)
        ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC), '[]'::json)
    FROM (
        SELECT r.slug, p.id, p.title, p.status, p.starts_on, p.starts_first, p.starts_last
        FROM project p JOIN record r ON r.id = p.id
        WHERE p.status = 'completed' AND r.audience = 'public' AND ($1::text IS NULL
            OR p.starts_first < ($1::json ->> 0)::date
            OR p.starts_first IS NULL
            OR p.starts_first = ($1::json ->> 0)::date AND (
                p.starts_last < ($1::json ->> 1)::date
                OR p.starts_last = ($1::json ->> 1)::date AND p.id < ($1::json ->> 2)::uuid))
        ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC LIMIT 10
    ) p)))::text
