-- The newest activities.
SELECT json_object('activities', json_object('nodes', (
    SELECT json_group_array(json_object(
        'slug', a.slug, 'kind', upper(a.kind), 'title', json_object('value', CASE WHEN substr(a.title, 1, 1) = '"' THEN json_extract(a.title, '$') ELSE (SELECT l.value ->> 't' FROM json_each(a.title) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END), 'status', upper(a.status), 'startsOn', CASE WHEN a.starts_on IS NULL THEN NULL ELSE json_object('value', a.starts_on) END,
        'hostCity', (
            SELECT json_object('name', json_object('value', CASE WHEN substr(host.name, 1, 1) = '"' THEN json_extract(host.name, '$') ELSE (SELECT l.value ->> 't' FROM json_each(host.name) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END)) FROM city host CROSS JOIN record hr ON hr.id = host.id
            WHERE host.id = a.host_city_id AND hr.audience = 'public')))
    FROM (
        SELECT r.slug, a.kind, a.title, a.status, a.starts_on, a.host_city_id
        FROM activity a CROSS JOIN record r ON r.id = a.id
        WHERE r.audience = 'public' ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC LIMIT 50) a)))
