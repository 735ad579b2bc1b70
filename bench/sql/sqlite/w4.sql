-- A page of projects.
SELECT json_object('projects', json_object('nodes', (
    SELECT json_group_array(json_object(
        'slug', p.slug, 'title', json_object('value', CASE WHEN substr(p.title, 1, 1) = '"' THEN json_extract(p.title, '$') ELSE (SELECT l.value ->> 't' FROM json_each(p.title) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END), 'status', upper(p.status), 'startsOn', CASE WHEN p.starts_on IS NULL THEN NULL ELSE json_object('value', p.starts_on) END))
    FROM (
        SELECT r.slug, p.title, p.status, p.starts_on
        FROM project p CROSS JOIN record r ON r.id = p.id
        WHERE p.status = 'completed' AND r.audience = 'public' AND (?1 IS NULL
            OR p.starts_first < ?1 ->> 0
            OR p.starts_first IS NULL
            OR p.starts_first = ?1 ->> 0 AND (
                p.starts_last < ?1 ->> 1
                OR p.starts_last = ?1 ->> 1 AND p.id < ?1 ->> 2))
        ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC LIMIT 10) p)))
