-- Twenty cities with their partnerships.
SELECT json_object('cities', json_object('nodes', (
    SELECT json_group_array(json_object(
        'slug', slug, 'name', json_object('value', CASE WHEN substr(name, 1, 1) = '"' THEN json_extract(name, '$') ELSE (SELECT l.value ->> 't' FROM json_each(name) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END), 'country', json_object('code', country),
        'partnerships', json_object('nodes', (
            SELECT json_group_array(json_object(
                'slug', p.slug, 'status', upper(p.status), 'since', CASE WHEN p.since_on IS NULL THEN NULL ELSE json_object('value', p.since_on) END,
                'cities', (
                    SELECT json_group_array(json(found)) FROM (
                        SELECT json_object('name', json_object('value', CASE WHEN substr(c.name, 1, 1) = '"' THEN json_extract(c.name, '$') ELSE (SELECT l.value ->> 't' FROM json_each(c.name) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END)) AS found
                        FROM link l CROSS JOIN record cr ON cr.id = l.to_id CROSS JOIN city c ON c.id = l.to_id
                        WHERE l.from_id = p.id AND l.relation = 'partnership.cities' AND cr.audience = 'public'
                        ORDER BY l.position))))
            FROM (
                SELECT DISTINCT pr.id, pr.slug, pr.sort_text, p.status, p.since_on
                FROM link l CROSS JOIN record pr ON pr.id = l.from_id CROSS JOIN partnership p ON p.id = pr.id
                WHERE l.to_id = cities.id AND l.relation = 'partnership.cities' AND pr.audience = 'public'
                ORDER BY pr.sort_text, pr.id LIMIT 5) p))))
    FROM (
        SELECT r.id, r.slug, c.name, c.country FROM record r CROSS JOIN city c ON c.id = r.id
        WHERE r.kind = 'city' AND r.audience = 'public' ORDER BY r.sort_text, r.id LIMIT 20) cities)))
