-- One city.
SELECT json_object('city', (
    SELECT json_object(
        'slug', r.slug, 'name', json_object('value', CASE WHEN substr(c.name, 1, 1) = '"' THEN json_extract(c.name, '$') ELSE (SELECT l.value ->> 't' FROM json_each(c.name) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END), 'kind', upper(c.kind), 'country', json_object('code', c.country),
        'region', CASE WHEN c.region ->> 'name' IS NULL THEN NULL ELSE json_object('name', c.region ->> 'name') END,
        'location', CASE WHEN c.latitude IS NULL THEN NULL
            ELSE json_object('latitude', c.latitude, 'longitude', c.longitude) END,
        'website', c.website, 'isHome', json(iif(c.is_home, 'true', 'false')), 'version', r.version)
    FROM record r CROSS JOIN city c ON c.id = r.id
    WHERE r.kind = 'city' AND r.slug = ?1 AND r.audience = 'public'))
