-- A city with its ten newest projects and all who take part in them, ten youth exchanges, and five business missions with their companies.
WITH home AS MATERIALIZED (
    SELECT r.id, r.slug, c.name
    FROM record r
    JOIN city c ON c.id = r.id
    WHERE r.kind = 'city' AND r.slug = $1 AND r.audience = 'public'
), mine AS MATERIALIZED (
    SELECT a.id, a.kind, a.title, a.status, a.starts_on, a.starts_first, a.starts_last
    FROM home
    JOIN link l ON l.to_id = home.id AND l.relation = 'activity.cities'
    JOIN activity a ON a.id = l.from_id
    WHERE a.kind IN ('youth_exchange', 'business_mission')
)
SELECT json_build_object('city', (
    SELECT json_build_object(
        'slug', home.slug,
        'name', json_build_object('value', CASE WHEN left(home.name, 1) = '"' THEN home.name::json WHEN home.name::json #>> '{0,o}' = 'original' THEN home.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(home.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
        'projects', json_build_object('nodes', coalesce((
            SELECT json_agg(json_build_object(
                'slug', a.slug,
                'title', json_build_object('value', CASE WHEN left(a.title, 1) = '"' THEN a.title::json WHEN a.title::json #>> '{0,o}' = 'original' THEN a.title::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(a.title::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
                'status', upper(a.status),
                'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_build_object('value', ltrim(a.starts_on, './')) END,
                'partners', coalesce((
                    SELECT json_agg(json_build_object(
                        'role', upper(l.role),
                        'party', json_build_object(
                            '__typename', CASE r.kind WHEN 'city' THEN 'City' ELSE 'Organization' END,
                            'slug', r.slug,
                            'name', json_build_object('value', CASE r.kind WHEN 'city' THEN (SELECT CASE WHEN left(c.name, 1) = '"' THEN c.name::json WHEN c.name::json #>> '{0,o}' = 'original' THEN c.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(c.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END FROM city c WHERE c.id = r.id) ELSE (SELECT CASE WHEN left(o.name, 1) = '"' THEN o.name::json WHEN o.name::json #>> '{0,o}' = 'original' THEN o.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(o.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END FROM organization o WHERE o.id = r.id) END))) ORDER BY l.position)
                    FROM link l
                    JOIN record r ON r.id = l.to_id
                    WHERE l.from_id = a.id AND l.relation = 'project.partners' AND r.audience = 'public'
                ), '[]')) ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC)
            FROM (
                SELECT r.slug, t.*
                FROM (SELECT DISTINCT from_id FROM link WHERE to_id = home.id AND relation IN ('project.partners', 'project.cities')) l
                JOIN project t ON t.id = l.from_id
                JOIN record r ON r.id = l.from_id
                WHERE r.audience = 'public'
                ORDER BY t.starts_first DESC NULLS LAST, t.starts_last DESC NULLS LAST, t.id DESC
                LIMIT 10
            ) a
        ), '[]')),
        'youthExchanges', json_build_object('nodes', coalesce((
            SELECT json_agg(json_build_object(
                'slug', a.slug,
                'title', json_build_object('value', CASE WHEN left(a.title, 1) = '"' THEN a.title::json WHEN a.title::json #>> '{0,o}' = 'original' THEN a.title::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(a.title::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
                'status', upper(a.status),
                'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_build_object('value', ltrim(a.starts_on, './')) END) ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC)
            FROM (
                SELECT r.slug, t.*
                FROM mine t
                JOIN record r ON r.id = t.id
                WHERE t.kind = 'youth_exchange' AND r.audience = 'public'
                ORDER BY t.starts_first DESC NULLS LAST, t.starts_last DESC NULLS LAST, t.id DESC
                LIMIT 10
            ) a
        ), '[]')),
        'businessMissions', json_build_object('nodes', coalesce((
            SELECT json_agg(json_build_object(
                'slug', a.slug,
                'title', json_build_object('value', CASE WHEN left(a.title, 1) = '"' THEN a.title::json WHEN a.title::json #>> '{0,o}' = 'original' THEN a.title::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(a.title::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
                'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_build_object('value', ltrim(a.starts_on, './')) END,
                'organizations', coalesce((
                    SELECT json_agg(json_build_object('slug', r.slug, 'name', json_build_object('value', CASE WHEN left(o.name, 1) = '"' THEN o.name::json WHEN o.name::json #>> '{0,o}' = 'original' THEN o.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(o.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END)) ORDER BY l.position)
                    FROM link l
                    JOIN record r ON r.id = l.to_id
                    JOIN organization o ON o.id = l.to_id
                    WHERE l.from_id = a.id AND l.relation = 'activity.organizations' AND r.audience = 'public'
                ), '[]')) ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC)
            FROM (
                SELECT r.slug, t.*
                FROM mine t
                JOIN record r ON r.id = t.id
                WHERE t.kind = 'business_mission' AND r.audience = 'public'
                ORDER BY t.starts_first DESC NULLS LAST, t.starts_last DESC NULLS LAST, t.id DESC
                LIMIT 5
            ) a
        ), '[]')))
    FROM home
))::text
