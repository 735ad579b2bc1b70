-- Twenty cities, each with its country and its first five partnerships with the names of the partners.
SELECT json_object('cities', json_object('nodes', json_group_array(json_object(
    'slug', a.slug,
    'name', json_object('value', CASE WHEN substr(a.name, 1, 1) = '"' THEN a.name ->> '$' WHEN a.name ->> '$[0].o' = 'original' THEN a.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(a.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
    'country', json_object('code', a.country),
    'partnerships', json_object('nodes', (
        SELECT json_group_array(json_object(
            'slug', b.slug,
            'status', upper(b.status),
            'since', CASE WHEN b.since_on IS NOT NULL THEN json_object('value', ltrim(b.since_on, './')) END,
            'cities', (
                SELECT json_group_array(json_object('name', json_object('value', CASE WHEN substr(d.name, 1, 1) = '"' THEN d.name ->> '$' WHEN d.name ->> '$[0].o' = 'original' THEN d.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(d.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END)))
                FROM (
                    SELECT c.name
                    FROM link l
                    CROSS JOIN record r ON r.id = l.to_id
                    CROSS JOIN city c ON c.id = l.to_id
                    WHERE l.from_id = b.id AND l.relation = 'partnership.cities' AND r.audience = 'public'
                    ORDER BY l.position
                ) d)))
        FROM (
            SELECT r.id, r.slug, p.status, p.since_on
            FROM (SELECT DISTINCT from_id FROM link WHERE to_id = a.id AND relation = 'partnership.cities') l
            CROSS JOIN record r ON r.id = l.from_id
            CROSS JOIN partnership p ON p.id = l.from_id
            WHERE r.audience = 'public'
            ORDER BY r.sort_text, r.id
            LIMIT 5
        ) b))))))
FROM (
    SELECT r.id, r.slug, c.name, c.country
    FROM record r
    CROSS JOIN city c ON c.id = r.id
    WHERE r.kind = 'city' AND r.audience = 'public'
    ORDER BY r.sort_text, r.id
    LIMIT 20
) a
