-- Twenty cities with their partnerships.
SELECT json_build_object('cities', json_build_object('nodes', (
    SELECT json_agg(json_build_object(
        'slug', cities.slug, 'name', json_build_object('value', CASE WHEN left(cities.name, 1) = '"' THEN cities.name::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(cities.name::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END), 'country', json_build_object('code', cities.country),
        'partnerships', json_build_object('nodes', coalesce(under.found, '[]'::json))) ORDER BY cities.sort_text, cities.id)
    FROM (
        SELECT r.id, r.slug, r.sort_text, c.name, c.country FROM record r JOIN city c ON c.id = r.id
        WHERE r.kind = 'city' AND r.audience = 'public' ORDER BY r.sort_text, r.id LIMIT 20
    ) cities
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object(
            'slug', p.slug, 'status', upper(p.status), 'since', CASE WHEN p.since_on IS NULL THEN NULL ELSE json_build_object('value', p.since_on) END,
            'cities', coalesce(partners.found, '[]'::json)) ORDER BY p.sort_text, p.id) AS found
        FROM (
            SELECT DISTINCT pr.id, pr.slug, pr.sort_text, p.status, p.since_on
            FROM link l JOIN record pr ON pr.id = l.from_id JOIN partnership p ON p.id = pr.id
            WHERE l.to_id = cities.id AND l.relation = 'partnership.cities' AND pr.audience = 'public'
            ORDER BY pr.sort_text, pr.id LIMIT 5
        ) p
        CROSS JOIN LATERAL (
            SELECT json_agg(json_build_object('name', json_build_object('value', CASE WHEN left(c.name, 1) = '"' THEN c.name::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(c.name::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END)) ORDER BY l.position) AS found
            FROM link l JOIN record cr ON cr.id = l.to_id JOIN city c ON c.id = l.to_id
            WHERE l.from_id = p.id AND l.relation = 'partnership.cities' AND cr.audience = 'public'
        ) partners
    ) under)))::text
