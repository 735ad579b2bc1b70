-- One city.
SELECT json_build_object('city', (
    SELECT json_build_object(
        'slug', r.slug, 'name', json_build_object('value', CASE WHEN left(c.name, 1) = '"' THEN c.name::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(c.name::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END), 'kind', upper(c.kind), 'country', json_build_object('code', c.country),
        'region', CASE WHEN c.region::json ->> 'name' IS NULL THEN NULL ELSE json_build_object('name', c.region::json ->> 'name') END,
        'location', CASE WHEN c.latitude IS NULL THEN NULL
            ELSE json_build_object('latitude', c.latitude, 'longitude', c.longitude) END,
        'website', c.website, 'isHome', c.is_home, 'version', r.version)
    FROM record r JOIN city c ON c.id = r.id
    WHERE r.kind = 'city' AND r.slug = $1 AND r.audience = 'public'))::text
