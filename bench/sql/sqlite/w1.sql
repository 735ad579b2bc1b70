-- One city.
SELECT json_object('city', (
    SELECT json_object(
        'slug', r.slug,
        'name', json_object('value', CASE WHEN substr(c.name, 1, 1) = '"' THEN c.name ->> '$' WHEN c.name ->> '$[0].o' = 'original' THEN c.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(c.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
        'kind', CASE WHEN c.kind IN ('city', 'municipality', 'district', 'county', 'region') THEN upper(c.kind) WHEN c.kind IS NOT NULL THEN 'OTHER' END,
        'country', json_object('code', c.country),
        'region', CASE WHEN c.region IS NOT NULL THEN json_object('name', c.region ->> '$.name') END,
        'location', CASE WHEN c.latitude IS NOT NULL THEN json_object('latitude', c.latitude, 'longitude', c.longitude) END,
        'website', c.website,
        'isHome', json(iif(c.is_home, 'true', 'false')),
        'version', r.version)
    FROM record r
    CROSS JOIN city c ON c.id = r.id
    WHERE r.kind = 'city' AND r.slug = ?1 AND r.audience = 'public'
))
