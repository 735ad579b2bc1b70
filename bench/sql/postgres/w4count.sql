-- A page of ten projects that are finished, the newest first, from the start or behind a position, and how many there are in all.
SELECT json_build_object('projects', json_build_object(
    'totalCount', (SELECT count(*) FROM project p JOIN record r ON r.id = p.id WHERE p.status = 'completed' AND r.kind = 'project' AND r.audience = 'public'),
    'nodes', coalesce(json_agg(json_build_object(
        'slug', a.slug,
        'title', json_build_object('value', CASE WHEN left(a.title, 1) = '"' THEN a.title::json WHEN a.title::json #>> '{0,o}' = 'original' THEN a.title::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(a.title::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
        'status', upper(a.status),
        'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_build_object('value', ltrim(a.starts_on, './')) END) ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC), '[]')))::text
FROM (
    SELECT * FROM (
        -- Dated projects: a range of the index, from its start or from behind the position.
        (SELECT r.slug, p.id, p.title, p.status, p.starts_on, p.starts_first, p.starts_last
        FROM project p
        JOIN record r ON r.id = p.id
        WHERE p.status = 'completed' AND r.audience = 'public' AND (p.starts_first, p.starts_last, p.id) < (
            CASE WHEN $1::text IS NULL THEN 'infinity' ELSE ($1::json ->> 0)::date END,
            CASE WHEN $1::text IS NULL THEN 'infinity' ELSE ($1::json ->> 1)::date END,
            coalesce(($1::json ->> 2)::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC
        LIMIT 10)
        UNION ALL
        -- Those without a date come last.
        (SELECT r.slug, p.id, p.title, p.status, p.starts_on, p.starts_first, p.starts_last
        FROM project p
        JOIN record r ON r.id = p.id
        WHERE p.status = 'completed' AND r.audience = 'public' AND p.starts_first IS NULL
            AND ($1::text IS NULL OR $1::json ->> 0 IS NOT NULL OR p.id < ($1::json ->> 2)::uuid)
        ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC
        LIMIT 10)
    ) p
    ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC
    LIMIT 10
) a
