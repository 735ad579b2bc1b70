-- The answer of the city to a councillor in 2018: its partnerships and their papers, the letter of intent, the announced missions, and the interpellation with its answer.
SELECT json_build_object(
'homeCity', (
    SELECT json_build_object(
        'name', json_build_object('value', CASE WHEN left(home.name, 1) = '"' THEN home.name::json WHEN home.name::json #>> '{0,o}' = 'original' THEN home.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(home.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
        'partnerships', json_build_object('nodes', coalesce((
            SELECT json_agg(json_build_object(
                'slug', p.slug,
                'status', upper(p.status),
                'since', CASE WHEN p.since_on IS NOT NULL THEN json_build_object('value', ltrim(p.since_on, './')) END,
                'cities', coalesce((
                SELECT json_agg(json_build_object('name', json_build_object('value', CASE WHEN left(x.name, 1) = '"' THEN x.name::json WHEN x.name::json #>> '{0,o}' = 'original' THEN x.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(x.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END)) ORDER BY l.position)
                FROM link l
                JOIN record r ON r.id = l.to_id
                JOIN city x ON x.id = l.to_id
                WHERE l.from_id = p.id AND l.relation = 'partnership.cities' AND r.audience = 'public'
            ), '[]'),
                'agreements', coalesce((
                    SELECT json_agg(json_build_object(
                        'title', json_build_object('value', CASE WHEN left(a.title, 1) = '"' THEN a.title::json WHEN a.title::json #>> '{0,o}' = 'original' THEN a.title::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(a.title::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
                        'signedOn', CASE WHEN a.signed_on IS NOT NULL THEN json_build_object('value', ltrim(a.signed_on, './')) END,
                        'scope', CASE WHEN a.scope IS NOT NULL THEN (SELECT coalesce(json_agg(json_build_object('value', CASE WHEN json_typeof(e.t) = 'string' THEN e.t ELSE (SELECT v -> 't' FROM json_array_elements(e.t) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END) ORDER BY e.n), '[]') FROM json_array_elements(a.scope::json) WITH ORDINALITY e(t, n)) END,
                        'precededBy', coalesce((
                SELECT json_agg(json_build_object(
                            'subject', json_build_object('value', CASE WHEN left(x.subject, 1) = '"' THEN x.subject::json WHEN x.subject::json #>> '{0,o}' = 'original' THEN x.subject::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(x.subject::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
                            'council', (SELECT json_build_object('name', json_build_object('value', CASE WHEN left(o.name, 1) = '"' THEN o.name::json WHEN o.name::json #>> '{0,o}' = 'original' THEN o.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(o.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END)) FROM record c JOIN organization o ON o.id = c.id WHERE c.id = x.body_id AND c.audience = 'public'),
                            'adoptedOn', CASE WHEN x.adopted_on IS NOT NULL THEN json_build_object('value', ltrim(x.adopted_on, './'), 'qualifier', CASE WHEN left(x.adopted_on, 3) = '../' THEN 'NOT_AFTER' END) END,
                            'sources', CASE WHEN r.sources IS NOT NULL THEN (SELECT coalesce(json_agg(json_build_object('title', s.v -> 'title', 'url', s.v -> 'url') ORDER BY s.n), '[]') FROM json_array_elements(r.sources::json) WITH ORDINALITY s(v, n)) END) ORDER BY l.position)
                FROM link l
                JOIN record r ON r.id = l.to_id
                JOIN resolution x ON x.id = l.to_id
                WHERE l.from_id = a.id AND l.relation = 'agreement.preceded_by' AND r.audience = 'public'
            ), '[]'),
                        'sources', CASE WHEN ra.sources IS NOT NULL THEN (SELECT coalesce(json_agg(json_build_object('title', s.v -> 'title', 'url', s.v -> 'url') ORDER BY s.n), '[]') FROM json_array_elements(ra.sources::json) WITH ORDINALITY s(v, n)) END) ORDER BY la.position)
                    FROM link la
                    JOIN record ra ON ra.id = la.to_id
                    JOIN agreement a ON a.id = la.to_id
                    WHERE la.from_id = p.id AND la.relation = 'partnership.agreements' AND ra.audience = 'public'
                ), '[]'),
                'sources', CASE WHEN p.sources IS NOT NULL THEN (SELECT coalesce(json_agg(json_build_object('title', s.v -> 'title', 'url', s.v -> 'url') ORDER BY s.n), '[]') FROM json_array_elements(p.sources::json) WITH ORDINALITY s(v, n)) END) ORDER BY p.since_first NULLS LAST, p.since_last NULLS LAST, p.id)
            FROM (
                SELECT r.slug, r.sources, t.*
                FROM (SELECT DISTINCT from_id FROM link WHERE to_id = home.id AND relation = 'partnership.cities') l
                JOIN partnership t ON t.id = l.from_id
                JOIN record r ON r.id = l.from_id
                WHERE r.audience = 'public'
                ORDER BY t.since_first NULLS LAST, t.since_last NULLS LAST, t.id
                LIMIT 10
            ) p
        ), '[]')))
    FROM (
        SELECT c.id, c.name
        FROM city c
        JOIN record r ON r.id = c.id
        WHERE c.is_home AND r.audience = 'public'
        ORDER BY r.created_at, r.slug, r.id
        LIMIT 1
    ) home
),
'letterOfIntent', (
    SELECT json_build_object(
        'title', json_build_object('value', CASE WHEN left(t.title, 1) = '"' THEN t.title::json ELSE (SELECT e.v -> 't' FROM json_array_elements(t.title::json) WITH ORDINALITY e(v, n) ORDER BY e.v ->> 'l' = 'pl' DESC, split_part(e.v ->> 'l', '-', 1) = 'pl' DESC, (e.v ->> 'o' = 'original') DESC NULLS LAST, e.n LIMIT 1) END),
        'signedOn', CASE WHEN t.signed_on IS NOT NULL THEN json_build_object('value', ltrim(t.signed_on, './'), 'precision', CASE length(ltrim(t.signed_on, './')) WHEN 4 THEN 'YEAR' WHEN 7 THEN 'MONTH' ELSE 'DAY' END) END,
        'parties', coalesce((
                SELECT json_agg(json_build_object('name', json_build_object('value', CASE WHEN left(x.name, 1) = '"' THEN x.name::json WHEN x.name::json #>> '{0,o}' = 'original' THEN x.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(x.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END)) ORDER BY l.position)
                FROM link l
                JOIN record r ON r.id = l.to_id
                JOIN city x ON x.id = l.to_id
                WHERE l.from_id = t.id AND l.relation = 'letter_of_intent.parties' AND r.audience = 'public'
            ), '[]'),
        'signatories', coalesce((
                SELECT json_agg(json_build_object('name', x.person, 'office', x.office) ORDER BY l.position)
                FROM link l
                JOIN record r ON r.id = l.to_id
                JOIN official x ON x.id = l.to_id
                WHERE l.from_id = t.id AND l.relation = 'letter_of_intent.signatories' AND r.audience = 'public'
            ), '[]'),
        'commitments', json_build_object('nodes', coalesce((
            SELECT json_agg(json_build_object(
                'order', m."order",
                'text', json_build_object('value', CASE WHEN left(m.text, 1) = '"' THEN m.text::json WHEN m.text::json #>> '{0,o}' = 'original' THEN m.text::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(m.text::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
                'area', CASE WHEN m.theme IS NOT NULL THEN json_build_object('area', CASE m.theme WHEN 'localGovernment' THEN 'SELF_GOVERNMENT' WHEN 'selfGovernment' THEN 'SELF_GOVERNMENT' WHEN 'economy' THEN 'ECONOMY' WHEN 'entrepreneurship' THEN 'ENTREPRENEURSHIP' WHEN 'environment' THEN 'ENVIRONMENT' WHEN 'education' THEN 'EDUCATION' WHEN 'art' THEN 'ART' WHEN 'culture' THEN 'CULTURE' WHEN 'history' THEN 'HERITAGE' WHEN 'heritage' THEN 'HERITAGE' WHEN 'sport' THEN 'SPORT' WHEN 'tourism' THEN 'TOURISM' WHEN 'localDevelopment' THEN 'LOCAL_DEVELOPMENT' WHEN 'transport' THEN 'TRANSPORT' WHEN 'publicSafety' THEN 'PUBLIC_SAFETY' WHEN 'youth' THEN 'YOUTH' WHEN 'social' THEN 'SOCIAL' ELSE CASE WHEN m.theme IS NOT NULL THEN 'OTHER' END END) END,
                'dueFrom', CASE WHEN m.due_on IS NOT NULL THEN json_build_object('value', ltrim(m.due_on, './')) END,
                'dueNote', CASE WHEN m.due_note IS NOT NULL THEN json_build_object('value', CASE WHEN left(m.due_note, 1) = '"' THEN m.due_note::json WHEN m.due_note::json #>> '{0,o}' = 'original' THEN m.due_note::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(m.due_note::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END) END,
                'quantity', CASE WHEN m.quantity IS NOT NULL THEN json_build_object('minimum', m.quantity::json -> 'minimum', 'unit', m.quantity::json -> 'unit') END,
                'status', CASE m.status WHEN 'inProgress' THEN 'IN_PROGRESS' ELSE upper(m.status) END) ORDER BY m.position, m.id)
            FROM (
                SELECT m.*
                FROM commitment m
                JOIN record r ON r.id = m.id
                WHERE m.letter_of_intent_id = t.id AND r.audience = 'public'
                ORDER BY m.position, m.id
                LIMIT 10
            ) m
        ), '[]')),
        'sources', CASE WHEN rt.sources IS NOT NULL THEN (SELECT coalesce(json_agg(json_build_object('title', s.v -> 'title', 'url', s.v -> 'url') ORDER BY s.n), '[]') FROM json_array_elements(rt.sources::json) WITH ORDINALITY s(v, n)) END)
    FROM record rt
    JOIN letter_of_intent t ON t.id = rt.id
    WHERE rt.kind = 'letter_of_intent' AND rt.slug = 'loi-jz-ibbenbueren-2017' AND rt.audience = 'public'
),
'businessMissions', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object(
        'title', json_build_object('value', CASE WHEN left(a.title, 1) = '"' THEN a.title::json WHEN a.title::json #>> '{0,o}' = 'original' THEN a.title::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(a.title::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
        'form', CASE a.form WHEN 'anniversary' THEN 'ANNIVERSARY' WHEN 'award' THEN 'AWARD' WHEN 'camp' THEN 'CAMP' WHEN 'celebration' THEN 'CELEBRATION' WHEN 'conference' THEN 'CONFERENCE' WHEN 'contest' THEN 'CONTEST' WHEN 'culture' THEN 'CULTURE' WHEN 'delegation' THEN 'DELEGATION' WHEN 'exchange' THEN 'EXCHANGE' WHEN 'youthExchange' THEN 'EXCHANGE' WHEN 'schoolExchange' THEN 'EXCHANGE' WHEN 'pupilExchange' THEN 'EXCHANGE' WHEN 'exhibition' THEN 'EXHIBITION' WHEN 'fair' THEN 'FAIR' WHEN 'missionSeries' THEN 'MISSION_SERIES' WHEN 'mission' THEN 'MISSION' WHEN 'businessMission' THEN 'MISSION' WHEN 'opening' THEN 'OPENING' WHEN 'promotion' THEN 'PROMOTION' WHEN 'schoolContest' THEN 'SCHOOL_CONTEST' WHEN 'schoolPartnership' THEN 'SCHOOL_PARTNERSHIP' WHEN 'sectorMeeting' THEN 'SECTOR_MEETING' WHEN 'signing' THEN 'SIGNING' WHEN 'sport' THEN 'SPORT' WHEN 'studyVisit' THEN 'STUDY_VISIT' WHEN 'webinar' THEN 'WEBINAR' WHEN 'workingMeeting' THEN 'WORKING_MEETING' WHEN 'workshop' THEN 'WORKSHOP' ELSE CASE WHEN a.form IS NOT NULL THEN 'OTHER' END END,
        'status', upper(a.status),
        'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_build_object('value', ltrim(a.starts_on, './')) END,
        'sources', CASE WHEN a.sources IS NOT NULL THEN (SELECT coalesce(json_agg(json_build_object('title', s.v -> 'title', 'url', s.v -> 'url') ORDER BY s.n), '[]') FROM json_array_elements(a.sources::json) WITH ORDINALITY s(v, n)) END) ORDER BY a.starts_first, a.starts_last, a.id)
    FROM (
        SELECT r.sources, t.*
        FROM activity t
        JOIN record r ON r.id = t.id
        WHERE t.kind = 'business_mission' AND t.status = 'announced' AND t.starts_first >= '2018-01-01' AND r.audience = 'public'
        ORDER BY t.starts_first, t.starts_last, t.id
        LIMIT 10
    ) a
), '[]')),
'interpellation', (
    SELECT json_build_object(
        'subject', json_build_object('value', CASE WHEN left(t.subject, 1) = '"' THEN t.subject::json WHEN t.subject::json #>> '{0,o}' = 'original' THEN t.subject::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(t.subject::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END),
        'submittedOn', CASE WHEN t.submitted_on IS NOT NULL THEN json_build_object('value', ltrim(t.submitted_on, './')) END,
        'council', (SELECT json_build_object('name', json_build_object('value', CASE WHEN left(o.name, 1) = '"' THEN o.name::json WHEN o.name::json #>> '{0,o}' = 'original' THEN o.name::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(o.name::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END)) FROM record c JOIN organization o ON o.id = c.id WHERE c.id = t.council_id AND c.audience = 'public'),
        'councillors', coalesce((
                SELECT json_agg(json_build_object('name', x.person, 'office', x.office) ORDER BY l.position)
                FROM link l
                JOIN record r ON r.id = l.to_id
                JOIN official x ON x.id = l.to_id
                WHERE l.from_id = t.id AND l.relation = 'interpellation.councillors' AND r.audience = 'public'
            ), '[]'),
        'answers', json_build_object('nodes', coalesce((
            SELECT json_agg(json_build_object(
                'summary', CASE WHEN a.summary IS NOT NULL THEN json_build_object('value', CASE WHEN left(a.summary, 1) = '"' THEN a.summary::json WHEN a.summary::json #>> '{0,o}' = 'original' THEN a.summary::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(a.summary::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END) END,
                'areas', CASE WHEN a.areas IS NOT NULL THEN (SELECT coalesce(json_agg(json_build_object('value', CASE WHEN json_typeof(e.t) = 'string' THEN e.t ELSE (SELECT v -> 't' FROM json_array_elements(e.t) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END) ORDER BY e.n), '[]') FROM json_array_elements(a.areas::json) WITH ORDINALITY e(t, n)) END,
                'announcements', CASE WHEN a.announcements IS NOT NULL THEN (SELECT coalesce(json_agg(json_build_object('value', CASE WHEN json_typeof(e.t) = 'string' THEN e.t ELSE (SELECT v -> 't' FROM json_array_elements(e.t) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END) ORDER BY e.n), '[]') FROM json_array_elements(a.announcements::json) WITH ORDINALITY e(t, n)) END,
                'document', (
                    SELECT json_build_object('title', json_build_object('value', CASE WHEN left(d.title, 1) = '"' THEN d.title::json WHEN d.title::json #>> '{0,o}' = 'original' THEN d.title::json #> '{0,t}' ELSE (SELECT v -> 't' FROM json_array_elements(d.title::json) v ORDER BY (v ->> 'o' = 'original') DESC NULLS LAST LIMIT 1) END), 'language', d.language)
                    FROM record r
                    JOIN document d ON d.id = r.id
                    WHERE r.id = a.document_id AND r.audience = 'public'
                )) ORDER BY a.sort_text, a.id)
            FROM (
                SELECT r.sort_text, n.*
                FROM answer n
                JOIN record r ON r.id = n.id
                WHERE n.interpellation_id = t.id AND r.audience = 'public'
                ORDER BY r.sort_text, r.id
                LIMIT 5
            ) a
        ), '[]')),
        'sources', CASE WHEN rt.sources IS NOT NULL THEN (SELECT coalesce(json_agg(json_build_object('title', s.v -> 'title', 'url', s.v -> 'url', 'document', (
            SELECT json_build_object('slug', d.slug)
            FROM record d
            WHERE d.kind = 'document' AND d.slug = s.v ->> 'url' AND s.v ->> 'url' !~ '[:/]' AND d.audience = 'public')) ORDER BY s.n), '[]') FROM json_array_elements(rt.sources::json) WITH ORDINALITY s(v, n)) END)
    FROM record rt
    JOIN interpellation t ON t.id = rt.id
    WHERE rt.kind = 'interpellation' AND rt.slug = 'interpellation-2018-06-21' AND rt.audience = 'public'
))::text
