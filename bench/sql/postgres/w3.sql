-- A city with projects, youth exchanges and business missions.
SELECT json_build_object('city', (
    SELECT json_build_object('slug', r.slug, 'name', json_build_object('value', CASE WHEN left(c.name, 1) = '"' THEN c.name::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(c.name::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
        'projects', json_build_object('nodes', coalesce(projects.found, '[]'::json)),
        'youthExchanges', json_build_object('nodes', coalesce(exchanges.found, '[]'::json)),
        'businessMissions', json_build_object('nodes', coalesce(missions.found, '[]'::json)))
    FROM record r JOIN city c ON c.id = r.id
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object(
            'slug', p.slug, 'title', json_build_object('value', CASE WHEN left(p.title, 1) = '"' THEN p.title::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(p.title::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END), 'status', upper(p.status), 'startsOn', CASE WHEN p.starts_on IS NULL THEN NULL ELSE json_build_object('value', p.starts_on) END,
            'partners', coalesce(partners.found, '[]'::json)) ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC) AS found
        FROM (
            SELECT pr.slug, p.id, p.title, p.status, p.starts_on, p.starts_first, p.starts_last
            FROM (SELECT DISTINCT from_id FROM link WHERE to_id = r.id AND relation IN ('project.partners', 'project.cities')) l
            JOIN project p ON p.id = l.from_id JOIN record pr ON pr.id = p.id
            WHERE pr.audience = 'public' ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC LIMIT 10
        ) p
        CROSS JOIN LATERAL (
            SELECT json_agg(json_build_object(
                'role', upper(l.role),
                'party', json_build_object('__typename', CASE WHEN pc.id IS NULL THEN 'Organization' ELSE 'City' END,
                    'slug', lr.slug, 'name', json_build_object('value', CASE WHEN left(coalesce(pc.name, po.name), 1) = '"' THEN coalesce(pc.name, po.name)::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(coalesce(pc.name, po.name)::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END))) ORDER BY l.position) AS found
            FROM link l JOIN record lr ON lr.id = l.to_id
            LEFT JOIN city pc ON pc.id = l.to_id LEFT JOIN organization po ON po.id = l.to_id
            WHERE l.from_id = p.id AND l.relation = 'project.partners' AND lr.audience = 'public'
        ) partners
    ) projects
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object(
            'slug', a.slug, 'title', json_build_object('value', CASE WHEN left(a.title, 1) = '"' THEN a.title::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(a.title::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END), 'status', upper(a.status), 'startsOn', CASE WHEN a.starts_on IS NULL THEN NULL ELSE json_build_object('value', a.starts_on) END)
            ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC) AS found
        FROM (
            SELECT ar.slug, a.id, a.title, a.status, a.starts_on, a.starts_first, a.starts_last
            FROM link l JOIN activity a ON a.id = l.from_id JOIN record ar ON ar.id = a.id
            WHERE l.to_id = r.id AND l.relation = 'activity.cities' AND a.kind = 'youth_exchange' AND ar.audience = 'public'
            ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC LIMIT 10
        ) a
    ) exchanges
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object(
            'slug', a.slug, 'title', json_build_object('value', CASE WHEN left(a.title, 1) = '"' THEN a.title::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(a.title::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END), 'startsOn', CASE WHEN a.starts_on IS NULL THEN NULL ELSE json_build_object('value', a.starts_on) END,
            'organizations', coalesce(companies.found, '[]'::json)) ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC) AS found
        FROM (
            SELECT ar.slug, a.id, a.title, a.starts_on, a.starts_first, a.starts_last
            FROM link l JOIN activity a ON a.id = l.from_id JOIN record ar ON ar.id = a.id
            WHERE l.to_id = r.id AND l.relation = 'activity.cities' AND a.kind = 'business_mission' AND ar.audience = 'public'
            ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC LIMIT 5
        ) a
        CROSS JOIN LATERAL (
            SELECT json_agg(json_build_object('slug', orr.slug, 'name', json_build_object('value', CASE WHEN left(o.name, 1) = '"' THEN o.name::json #>> '{}' ELSE (SELECT l ->> 't' FROM json_array_elements(o.name::json) l ORDER BY (l ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END)) ORDER BY l.position) AS found
            FROM link l JOIN record orr ON orr.id = l.to_id JOIN organization o ON o.id = l.to_id
            WHERE l.from_id = a.id AND l.relation = 'activity.organizations' AND orr.audience = 'public'
        ) companies
    ) missions
    WHERE r.kind = 'city' AND r.slug = $1 AND r.audience = 'public'))::text
