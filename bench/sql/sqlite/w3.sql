-- A city with projects, youth exchanges and business missions.
SELECT json_object('city', (
    SELECT json_object('slug', r.slug, 'name', json_object('value', CASE WHEN substr(c.name, 1, 1) = '"' THEN json_extract(c.name, '$') ELSE (SELECT l.value ->> 't' FROM json_each(c.name) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END),
        'projects', json_object('nodes', (
            SELECT json_group_array(json_object(
                'slug', p.slug, 'title', json_object('value', CASE WHEN substr(p.title, 1, 1) = '"' THEN json_extract(p.title, '$') ELSE (SELECT l.value ->> 't' FROM json_each(p.title) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END), 'status', upper(p.status), 'startsOn', CASE WHEN p.starts_on IS NULL THEN NULL ELSE json_object('value', p.starts_on) END,
                'partners', (
                    SELECT json_group_array(json(found)) FROM (
                        SELECT json_object(
                            'role', upper(l.role),
                            'party', json_object('__typename', iif(pc.id IS NULL, 'Organization', 'City'),
                                'slug', lr.slug, 'name', json_object('value', CASE WHEN substr(coalesce(pc.name, po.name), 1, 1) = '"' THEN json_extract(coalesce(pc.name, po.name), '$') ELSE (SELECT l.value ->> 't' FROM json_each(coalesce(pc.name, po.name)) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END))) AS found
                        FROM link l CROSS JOIN record lr ON lr.id = l.to_id
                        LEFT JOIN city pc ON pc.id = l.to_id LEFT JOIN organization po ON po.id = l.to_id
                        WHERE l.from_id = p.id AND l.relation = 'project.partners' AND lr.audience = 'public'
                        ORDER BY l.position))))
            FROM (
                SELECT pr.slug, p.id, p.title, p.status, p.starts_on
                FROM (SELECT DISTINCT from_id FROM link WHERE to_id = r.id AND relation IN ('project.partners', 'project.cities')) l
                CROSS JOIN project p ON p.id = l.from_id CROSS JOIN record pr ON pr.id = p.id
                WHERE pr.audience = 'public' ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC LIMIT 10) p)),
        'youthExchanges', json_object('nodes', (
            SELECT json_group_array(json_object(
                'slug', a.slug, 'title', json_object('value', CASE WHEN substr(a.title, 1, 1) = '"' THEN json_extract(a.title, '$') ELSE (SELECT l.value ->> 't' FROM json_each(a.title) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END), 'status', upper(a.status), 'startsOn', CASE WHEN a.starts_on IS NULL THEN NULL ELSE json_object('value', a.starts_on) END))
            FROM (
                SELECT ar.slug, a.title, a.status, a.starts_on
                FROM link l CROSS JOIN activity a ON a.id = l.from_id CROSS JOIN record ar ON ar.id = a.id
                WHERE l.to_id = r.id AND l.relation = 'activity.cities' AND a.kind = 'youth_exchange' AND ar.audience = 'public'
                ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC LIMIT 10) a)),
        'businessMissions', json_object('nodes', (
            SELECT json_group_array(json_object(
                'slug', a.slug, 'title', json_object('value', CASE WHEN substr(a.title, 1, 1) = '"' THEN json_extract(a.title, '$') ELSE (SELECT l.value ->> 't' FROM json_each(a.title) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END), 'startsOn', CASE WHEN a.starts_on IS NULL THEN NULL ELSE json_object('value', a.starts_on) END,
                'organizations', (
                    SELECT json_group_array(json(found)) FROM (
                        SELECT json_object('slug', orr.slug, 'name', json_object('value', CASE WHEN substr(o.name, 1, 1) = '"' THEN json_extract(o.name, '$') ELSE (SELECT l.value ->> 't' FROM json_each(o.name) l ORDER BY (l.value ->> 'o' = 'original') DESC LIMIT 1) END)) AS found
                        FROM link l CROSS JOIN record orr ON orr.id = l.to_id CROSS JOIN organization o ON o.id = l.to_id
                        WHERE l.from_id = a.id AND l.relation = 'activity.organizations' AND orr.audience = 'public'
                        ORDER BY l.position))))
            FROM (
                SELECT ar.slug, a.id, a.title, a.starts_on
                FROM link l CROSS JOIN activity a ON a.id = l.from_id CROSS JOIN record ar ON ar.id = a.id
                WHERE l.to_id = r.id AND l.relation = 'activity.cities' AND a.kind = 'business_mission' AND ar.audience = 'public'
                ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC LIMIT 5) a)))
    FROM record r CROSS JOIN city c ON c.id = r.id
    WHERE r.kind = 'city' AND r.slug = ?1 AND r.audience = 'public'))
