-- A page of ten projects that are finished, the newest first, from the start or behind a position.
SELECT json_object('projects', json_object('nodes', json_group_array(json_object(
        'slug', a.slug,
        'title', json_object('value', CASE WHEN substr(a.title, 1, 1) = '"' THEN a.title ->> '$' WHEN a.title ->> '$[0].o' = 'original' THEN a.title ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(a.title) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
        'status', upper(a.status),
        'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_object('value', ltrim(a.starts_on, './')) END))))
FROM (
    SELECT * FROM (
        -- Dated projects: a range of the index, from its start or from behind the position.
        SELECT * FROM (
            SELECT r.slug, p.title, p.status, p.starts_on, p.starts_first, p.starts_last, p.id
            FROM project p
            CROSS JOIN record r ON r.id = p.id
            WHERE p.status = 'completed' AND r.audience = 'public'
                AND p.starts_first <= CASE WHEN ?1 IS NULL THEN '9999-12-31' ELSE ?1 ->> 0 END
                AND (?1 IS NULL OR p.starts_first < ?1 ->> 0 OR p.starts_last < ?1 ->> 1
                    OR p.starts_last = ?1 ->> 1 AND hex(p.id) < upper(replace(?1 ->> 2, '-', '')))
            ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC
            LIMIT 10)
        UNION ALL
        -- Those without a date come last.
        SELECT * FROM (
            SELECT r.slug, p.title, p.status, p.starts_on, p.starts_first, p.starts_last, p.id
            FROM project p
            CROSS JOIN record r ON r.id = p.id
            WHERE p.status = 'completed' AND r.audience = 'public' AND p.starts_first IS NULL
                AND (?1 IS NULL OR ?1 ->> 0 IS NOT NULL OR hex(p.id) < upper(replace(?1 ->> 2, '-', '')))
            ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC
            LIMIT 10)
    ) p
    ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC
    LIMIT 10
) a
