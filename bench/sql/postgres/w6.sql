-- The newest activities.
SELECT json_build_object('activities', json_build_object('nodes', (
    SELECT json_agg(json_build_object(
        'slug', a.slug, 'kind', upper(a.kind), 'title', json_build_object('value', CASE WHEN left(a.title, 1) = '"' THEN a.title::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(a.title::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END), 'status', upper(a.status), 'startsOn', CASE WHEN a.starts_on IS NULL THEN NULL ELSE json_build_object('value', a.starts_on) END,
        'hostCity', CASE WHEN host.name IS NULL THEN NULL ELSE json_build_object('name', json_build_object('value', CASE WHEN left(host.name, 1) = '"' THEN host.name::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(host.name::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END)) END)
        ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC)
    FROM (
        SELECT r.slug, a.id, a.kind, a.title, a.status, a.starts_on, a.starts_first, a.starts_last, a.host_city_id
        FROM activity a JOIN record r ON r.id = a.id
        WHERE r.audience = 'public' ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC LIMIT 50
    ) a
    LEFT JOIN (record hr JOIN city host ON host.id = hr.id AND hr.audience = 'public') ON hr.id = a.host_city_id)))::text
