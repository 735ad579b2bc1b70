-- A city with its ten newest projects and all who take part in them, ten youth exchanges, and five business missions with their companies.
WITH mine AS MATERIALIZED (
    SELECT a.id, a.kind, a.title, a.status, a.starts_on, a.starts_first, a.starts_last
    FROM record r
    CROSS JOIN link l ON l.to_id = r.id AND l.relation = 'activity.cities'
    CROSS JOIN activity a ON a.id = l.from_id
    WHERE r.kind = 'city' AND r.slug = ?1 AND r.audience = 'public' AND a.kind IN ('youth_exchange', 'business_mission')
)
SELECT json_object('city', (
    SELECT json_object(
        'slug', home.slug,
        'name', json_object('value', CASE WHEN substr(city.name, 1, 1) = '"' THEN city.name ->> '$' WHEN city.name ->> '$[0].o' = 'original' THEN city.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(city.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
        'projects', json_object('nodes', (
            SELECT json_group_array(json_object(
                'slug', a.slug,
                'title', json_object('value', CASE WHEN substr(a.title, 1, 1) = '"' THEN a.title ->> '$' WHEN a.title ->> '$[0].o' = 'original' THEN a.title ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(a.title) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
                'status', upper(a.status),
                'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_object('value', ltrim(a.starts_on, './')) END,
                'partners', (
                    SELECT json_group_array(json_object(
                        'role', upper(b.role),
                        'party', json_object(
                            '__typename', CASE b.kind WHEN 'city' THEN 'City' ELSE 'Organization' END,
                            'slug', b.slug,
                            'name', json_object('value', CASE WHEN substr(b.name, 1, 1) = '"' THEN b.name ->> '$' WHEN b.name ->> '$[0].o' = 'original' THEN b.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(b.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END))))
                    FROM (
                        SELECT l.role, r.kind, r.slug, CASE r.kind WHEN 'city' THEN (SELECT c.name FROM city c WHERE c.id = r.id) ELSE (SELECT o.name FROM organization o WHERE o.id = r.id) END AS name
                        FROM link l
                        CROSS JOIN record r ON r.id = l.to_id
                        WHERE l.from_id = a.id AND l.relation = 'project.partners' AND r.audience = 'public'
                        ORDER BY l.position
                    ) b)))
            FROM (
                SELECT r.slug, t.id, t.title, t.status, t.starts_on
                FROM (SELECT DISTINCT from_id FROM link WHERE to_id = home.id AND relation IN ('project.partners', 'project.cities')) l
                CROSS JOIN project t ON t.id = l.from_id
                CROSS JOIN record r ON r.id = l.from_id
                WHERE r.audience = 'public'
                ORDER BY t.starts_first DESC NULLS LAST, t.starts_last DESC NULLS LAST, t.id DESC
                LIMIT 10
            ) a)),
        'youthExchanges', json_object('nodes', (
            SELECT json_group_array(json_object(
                'slug', a.slug,
                'title', json_object('value', CASE WHEN substr(a.title, 1, 1) = '"' THEN a.title ->> '$' WHEN a.title ->> '$[0].o' = 'original' THEN a.title ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(a.title) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
                'status', upper(a.status),
                'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_object('value', ltrim(a.starts_on, './')) END))
            FROM (
                SELECT r.slug, t.id, t.title, t.status, t.starts_on
                FROM mine t
                CROSS JOIN record r ON r.id = t.id
                WHERE t.kind = 'youth_exchange' AND r.audience = 'public'
                ORDER BY t.starts_first DESC NULLS LAST, t.starts_last DESC NULLS LAST, t.id DESC
                LIMIT 10
            ) a)),
        'businessMissions', json_object('nodes', (
            SELECT json_group_array(json_object(
                'slug', a.slug,
                'title', json_object('value', CASE WHEN substr(a.title, 1, 1) = '"' THEN a.title ->> '$' WHEN a.title ->> '$[0].o' = 'original' THEN a.title ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(a.title) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
                'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_object('value', ltrim(a.starts_on, './')) END,
                'organizations', (
                    SELECT json_group_array(json_object('slug', b.slug, 'name', json_object('value', CASE WHEN substr(b.name, 1, 1) = '"' THEN b.name ->> '$' WHEN b.name ->> '$[0].o' = 'original' THEN b.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(b.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END)))
                    FROM (
                        SELECT r.slug, o.name
                        FROM link l
                        CROSS JOIN record r ON r.id = l.to_id
                        CROSS JOIN organization o ON o.id = l.to_id
                        WHERE l.from_id = a.id AND l.relation = 'activity.organizations' AND r.audience = 'public'
                        ORDER BY l.position
                    ) b)))
            FROM (
                SELECT r.slug, t.id, t.title, t.status, t.starts_on
                FROM mine t
                CROSS JOIN record r ON r.id = t.id
                WHERE t.kind = 'business_mission' AND r.audience = 'public'
                ORDER BY t.starts_first DESC NULLS LAST, t.starts_last DESC NULLS LAST, t.id DESC
                LIMIT 5
            ) a)))
    FROM record home
    CROSS JOIN city ON city.id = home.id
    WHERE home.kind = 'city' AND home.slug = ?1 AND home.audience = 'public'
))
