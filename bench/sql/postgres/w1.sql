-- One city.
SELECT json_build_object('city', (
    SELECT json_build_object(
        'slug', r.slug,
        'name', json_build_object('value', CASE WHEN left(c.name, 1) = '"' THEN c.name::json WHEN c.name::json #>> '{0,o}' = 'original' THEN c.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(c.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
        'kind', CASE WHEN c.kind IN ('city', 'municipality', 'district', 'county', 'region') THEN upper(c.kind) WHEN c.kind IS NOT NULL THEN 'OTHER' END,
        'country', json_build_object('code', c.country),
        'region', CASE WHEN c.region IS NOT NULL THEN json_build_object('name', c.region::json -> 'name') END,
        'location', CASE WHEN c.latitude IS NOT NULL THEN json_build_object('latitude', c.latitude, 'longitude', c.longitude) END,
        'website', c.website,
        'isHome', c.is_home,
        'version', r.version)
    FROM record r
    JOIN city c ON c.id = r.id
    WHERE r.kind = 'city' AND r.slug = $1 AND r.audience = 'public'
))::text
