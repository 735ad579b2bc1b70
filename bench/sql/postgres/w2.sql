-- Twenty cities, each with its country and its first five partnerships with the names of the partners.
SELECT json_build_object('cities', json_build_object('nodes', coalesce(json_agg(json_build_object(
    'slug', a.slug,
    'name', json_build_object('value', CASE WHEN left(a.name, 1) = '"' THEN a.name::json WHEN a.name::json #>> '{0,o}' = 'original' THEN a.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(a.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
    'country', json_build_object('code', a.country),
    'partnerships', json_build_object('nodes', coalesce(ps.nodes, '[]'))) ORDER BY a.sort_text, a.id), '[]')))::text
FROM (
    SELECT r.id, r.slug, r.sort_text, c.name, c.country
    FROM record r
    JOIN city c ON c.id = r.id
    WHERE r.kind = 'city' AND r.audience = 'public'
    ORDER BY r.sort_text, r.id
    LIMIT 20
) a
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object(
        'slug', b.slug,
        'status', upper(b.status),
        'since', CASE WHEN b.since_on IS NOT NULL THEN json_build_object('value', ltrim(b.since_on, './')) END,
        'cities', coalesce((
            SELECT json_agg(json_build_object('name', json_build_object('value', CASE WHEN left(c.name, 1) = '"' THEN c.name::json WHEN c.name::json #>> '{0,o}' = 'original' THEN c.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(c.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END)) ORDER BY l.position)
            FROM link l
            JOIN record r ON r.id = l.to_id
            JOIN city c ON c.id = l.to_id
            WHERE l.from_id = b.id AND l.relation = 'partnership.cities' AND r.audience = 'public'
        ), '[]')) ORDER BY b.sort_text, b.id) AS nodes
    FROM (
        SELECT DISTINCT r.sort_text, r.id, r.slug, p.status, p.since_on
        FROM link l
        JOIN record r ON r.id = l.from_id
        JOIN partnership p ON p.id = l.from_id
        WHERE l.to_id = a.id AND l.relation = 'partnership.cities' AND r.audience = 'public'
        ORDER BY r.sort_text, r.id
        LIMIT 5
    ) b
) ps
