-- The answer of the city to a councillor in 2018: its partnerships and their papers, the letter of intent, the announced missions, and the interpellation with its answer.
SELECT json_object(
'homeCity', (
    SELECT json_object(
        'name', json_object('value', CASE WHEN substr(home.name, 1, 1) = '"' THEN home.name ->> '$' WHEN home.name ->> '$[0].o' = 'original' THEN home.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(home.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
        'partnerships', json_object('nodes', (
            SELECT json_group_array(json_object(
                'slug', p.slug,
                'status', upper(p.status),
                'since', CASE WHEN p.since_on IS NOT NULL THEN json_object('value', ltrim(p.since_on, './')) END,
                'cities', (
                SELECT json_group_array(json_object('name', json_object('value', CASE WHEN substr(x.name, 1, 1) = '"' THEN x.name ->> '$' WHEN x.name ->> '$[0].o' = 'original' THEN x.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(x.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END)))
                FROM (
                    SELECT x.*, r.sources
                    FROM link l
                    CROSS JOIN record r ON r.id = l.to_id
                    CROSS JOIN city x ON x.id = l.to_id
                    WHERE l.from_id = p.id AND l.relation = 'partnership.cities' AND r.audience = 'public'
                    ORDER BY l.position
                ) x),
                'agreements', (
                    SELECT json_group_array(json_object(
                        'title', json_object('value', CASE WHEN substr(a.title, 1, 1) = '"' THEN a.title ->> '$' WHEN a.title ->> '$[0].o' = 'original' THEN a.title ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(a.title) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
                        'signedOn', CASE WHEN a.signed_on IS NOT NULL THEN json_object('value', ltrim(a.signed_on, './')) END,
                        'scope', CASE WHEN a.scope IS NOT NULL THEN (SELECT json_group_array(json_object('value', CASE WHEN e.type = 'text' THEN e.value ELSE (SELECT v.value ->> '$.t' FROM json_each(e.value) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END)) FROM json_each(a.scope) e) END,
                        'precededBy', (
                SELECT json_group_array(json_object(
                            'subject', json_object('value', CASE WHEN substr(x.subject, 1, 1) = '"' THEN x.subject ->> '$' WHEN x.subject ->> '$[0].o' = 'original' THEN x.subject ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(x.subject) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
                            'council', (SELECT json_object('name', json_object('value', CASE WHEN substr(o.name, 1, 1) = '"' THEN o.name ->> '$' WHEN o.name ->> '$[0].o' = 'original' THEN o.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(o.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END)) FROM record c CROSS JOIN organization o ON o.id = c.id WHERE c.id = x.body_id AND c.audience = 'public'),
                            'adoptedOn', CASE WHEN x.adopted_on IS NOT NULL THEN json_object('value', ltrim(x.adopted_on, './'), 'qualifier', CASE WHEN substr(x.adopted_on, 1, 3) = '../' THEN 'NOT_AFTER' END) END,
                            'sources', CASE WHEN x.sources IS NOT NULL THEN (SELECT json_group_array(json_object('title', s.value ->> '$.title', 'url', s.value ->> '$.url')) FROM json_each(x.sources) s) END))
                FROM (
                    SELECT x.*, r.sources
                    FROM link l
                    CROSS JOIN record r ON r.id = l.to_id
                    CROSS JOIN resolution x ON x.id = l.to_id
                    WHERE l.from_id = a.id AND l.relation = 'agreement.preceded_by' AND r.audience = 'public'
                    ORDER BY l.position
                ) x),
                        'sources', CASE WHEN a.sources IS NOT NULL THEN (SELECT json_group_array(json_object('title', s.value ->> '$.title', 'url', s.value ->> '$.url')) FROM json_each(a.sources) s) END))
                    FROM (
                        SELECT t.id, t.title, t.signed_on, t.scope, r.sources
                        FROM link l
                        CROSS JOIN record r ON r.id = l.to_id
                        CROSS JOIN agreement t ON t.id = l.to_id
                        WHERE l.from_id = p.id AND l.relation = 'partnership.agreements' AND r.audience = 'public'
                        ORDER BY l.position
                    ) a),
                'sources', CASE WHEN p.sources IS NOT NULL THEN (SELECT json_group_array(json_object('title', s.value ->> '$.title', 'url', s.value ->> '$.url')) FROM json_each(p.sources) s) END))
            FROM (
                SELECT r.slug, r.sources, t.id, t.status, t.since_on
                FROM (SELECT DISTINCT from_id FROM link WHERE to_id = home.id AND relation = 'partnership.cities') l
                CROSS JOIN partnership t ON t.id = l.from_id
                CROSS JOIN record r ON r.id = l.from_id
                WHERE r.audience = 'public'
                ORDER BY t.since_first NULLS LAST, t.since_last NULLS LAST, t.id
                LIMIT 10
            ) p)))
    FROM (
        SELECT c.id, c.name
        FROM city c
        CROSS JOIN record r ON r.id = c.id
        WHERE c.is_home AND r.audience = 'public'
        ORDER BY r.created_at, r.slug, r.id
        LIMIT 1
    ) home
),
'letterOfIntent', (
    SELECT json_object(
        'title', json_object('value', CASE WHEN substr(t.title, 1, 1) = '"' THEN t.title ->> '$' ELSE (SELECT e.value ->> '$.t' FROM json_each(t.title) e ORDER BY e.value ->> '$.l' = 'pl' DESC, e.value ->> '$.l' LIKE 'pl-%' DESC, (e.value ->> '$.o' = 'original') DESC, e.key LIMIT 1) END),
        'signedOn', CASE WHEN t.signed_on IS NOT NULL THEN json_object('value', ltrim(t.signed_on, './'), 'precision', CASE length(ltrim(t.signed_on, './')) WHEN 4 THEN 'YEAR' WHEN 7 THEN 'MONTH' ELSE 'DAY' END) END,
        'parties', (
                SELECT json_group_array(json_object('name', json_object('value', CASE WHEN substr(x.name, 1, 1) = '"' THEN x.name ->> '$' WHEN x.name ->> '$[0].o' = 'original' THEN x.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(x.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END)))
                FROM (
                    SELECT x.*, r.sources
                    FROM link l
                    CROSS JOIN record r ON r.id = l.to_id
                    CROSS JOIN city x ON x.id = l.to_id
                    WHERE l.from_id = t.id AND l.relation = 'letter_of_intent.parties' AND r.audience = 'public'
                    ORDER BY l.position
                ) x),
        'signatories', (
                SELECT json_group_array(json_object('name', x.person, 'office', x.office))
                FROM (
                    SELECT x.*, r.sources
                    FROM link l
                    CROSS JOIN record r ON r.id = l.to_id
                    CROSS JOIN official x ON x.id = l.to_id
                    WHERE l.from_id = t.id AND l.relation = 'letter_of_intent.signatories' AND r.audience = 'public'
                    ORDER BY l.position
                ) x),
        'commitments', json_object('nodes', (
            SELECT json_group_array(json_object(
                'order', m."order",
                'text', json_object('value', CASE WHEN substr(m.text, 1, 1) = '"' THEN m.text ->> '$' WHEN m.text ->> '$[0].o' = 'original' THEN m.text ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(m.text) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
                'area', CASE WHEN m.theme IS NOT NULL THEN json_object('area', CASE m.theme WHEN 'localGovernment' THEN 'SELF_GOVERNMENT' WHEN 'selfGovernment' THEN 'SELF_GOVERNMENT' WHEN 'economy' THEN 'ECONOMY' WHEN 'entrepreneurship' THEN 'ENTREPRENEURSHIP' WHEN 'environment' THEN 'ENVIRONMENT' WHEN 'education' THEN 'EDUCATION' WHEN 'art' THEN 'ART' WHEN 'culture' THEN 'CULTURE' WHEN 'history' THEN 'HERITAGE' WHEN 'heritage' THEN 'HERITAGE' WHEN 'sport' THEN 'SPORT' WHEN 'tourism' THEN 'TOURISM' WHEN 'localDevelopment' THEN 'LOCAL_DEVELOPMENT' WHEN 'transport' THEN 'TRANSPORT' WHEN 'publicSafety' THEN 'PUBLIC_SAFETY' WHEN 'youth' THEN 'YOUTH' WHEN 'social' THEN 'SOCIAL' ELSE CASE WHEN m.theme IS NOT NULL THEN 'OTHER' END END) END,
                'dueFrom', CASE WHEN m.due_on IS NOT NULL THEN json_object('value', ltrim(m.due_on, './')) END,
                'dueNote', CASE WHEN m.due_note IS NOT NULL THEN json_object('value', CASE WHEN substr(m.due_note, 1, 1) = '"' THEN m.due_note ->> '$' WHEN m.due_note ->> '$[0].o' = 'original' THEN m.due_note ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(m.due_note) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END) END,
                'quantity', CASE WHEN m.quantity IS NOT NULL THEN json_object('minimum', m.quantity ->> '$.minimum', 'unit', m.quantity ->> '$.unit') END,
                'status', CASE m.status WHEN 'inProgress' THEN 'IN_PROGRESS' ELSE upper(m.status) END))
            FROM (
                SELECT m.*
                FROM commitment m
                CROSS JOIN record r ON r.id = m.id
                WHERE m.letter_of_intent_id = t.id AND r.audience = 'public'
                ORDER BY m.position, m.id
                LIMIT 10
            ) m)),
        'sources', CASE WHEN rt.sources IS NOT NULL THEN (SELECT json_group_array(json_object('title', s.value ->> '$.title', 'url', s.value ->> '$.url')) FROM json_each(rt.sources) s) END)
    FROM record rt
    CROSS JOIN letter_of_intent t ON t.id = rt.id
    WHERE rt.kind = 'letter_of_intent' AND rt.slug = 'loi-jz-ibbenbueren-2017' AND rt.audience = 'public'
),
'businessMissions', json_object('nodes', (
    SELECT json_group_array(json_object(
        'title', json_object('value', CASE WHEN substr(a.title, 1, 1) = '"' THEN a.title ->> '$' WHEN a.title ->> '$[0].o' = 'original' THEN a.title ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(a.title) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
        'form', CASE a.form WHEN 'anniversary' THEN 'ANNIVERSARY' WHEN 'award' THEN 'AWARD' WHEN 'camp' THEN 'CAMP' WHEN 'celebration' THEN 'CELEBRATION' WHEN 'conference' THEN 'CONFERENCE' WHEN 'contest' THEN 'CONTEST' WHEN 'culture' THEN 'CULTURE' WHEN 'delegation' THEN 'DELEGATION' WHEN 'exchange' THEN 'EXCHANGE' WHEN 'youthExchange' THEN 'EXCHANGE' WHEN 'schoolExchange' THEN 'EXCHANGE' WHEN 'pupilExchange' THEN 'EXCHANGE' WHEN 'exhibition' THEN 'EXHIBITION' WHEN 'fair' THEN 'FAIR' WHEN 'missionSeries' THEN 'MISSION_SERIES' WHEN 'mission' THEN 'MISSION' WHEN 'businessMission' THEN 'MISSION' WHEN 'opening' THEN 'OPENING' WHEN 'promotion' THEN 'PROMOTION' WHEN 'schoolContest' THEN 'SCHOOL_CONTEST' WHEN 'schoolPartnership' THEN 'SCHOOL_PARTNERSHIP' WHEN 'sectorMeeting' THEN 'SECTOR_MEETING' WHEN 'signing' THEN 'SIGNING' WHEN 'sport' THEN 'SPORT' WHEN 'studyVisit' THEN 'STUDY_VISIT' WHEN 'webinar' THEN 'WEBINAR' WHEN 'workingMeeting' THEN 'WORKING_MEETING' WHEN 'workshop' THEN 'WORKSHOP' ELSE CASE WHEN a.form IS NOT NULL THEN 'OTHER' END END,
        'status', upper(a.status),
        'startsOn', CASE WHEN a.starts_on IS NOT NULL THEN json_object('value', ltrim(a.starts_on, './')) END,
        'sources', CASE WHEN a.sources IS NOT NULL THEN (SELECT json_group_array(json_object('title', s.value ->> '$.title', 'url', s.value ->> '$.url')) FROM json_each(a.sources) s) END))
    FROM (
        SELECT r.sources, t.title, t.form, t.status, t.starts_on
        FROM activity t
        CROSS JOIN record r ON r.id = t.id
        WHERE t.kind = 'business_mission' AND t.status = 'announced' AND t.starts_first >= '2018-01-01' AND r.audience = 'public'
        ORDER BY t.starts_first, t.starts_last, t.id
        LIMIT 10
    ) a)),
'interpellation', (
    SELECT json_object(
        'subject', json_object('value', CASE WHEN substr(t.subject, 1, 1) = '"' THEN t.subject ->> '$' WHEN t.subject ->> '$[0].o' = 'original' THEN t.subject ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(t.subject) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END),
        'submittedOn', CASE WHEN t.submitted_on IS NOT NULL THEN json_object('value', ltrim(t.submitted_on, './')) END,
        'council', (SELECT json_object('name', json_object('value', CASE WHEN substr(o.name, 1, 1) = '"' THEN o.name ->> '$' WHEN o.name ->> '$[0].o' = 'original' THEN o.name ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(o.name) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END)) FROM record c CROSS JOIN organization o ON o.id = c.id WHERE c.id = t.council_id AND c.audience = 'public'),
        'councillors', (
                SELECT json_group_array(json_object('name', x.person, 'office', x.office))
                FROM (
                    SELECT x.*, r.sources
                    FROM link l
                    CROSS JOIN record r ON r.id = l.to_id
                    CROSS JOIN official x ON x.id = l.to_id
                    WHERE l.from_id = t.id AND l.relation = 'interpellation.councillors' AND r.audience = 'public'
                    ORDER BY l.position
                ) x),
        'answers', json_object('nodes', (
            SELECT json_group_array(json_object(
                'summary', CASE WHEN a.summary IS NOT NULL THEN json_object('value', CASE WHEN substr(a.summary, 1, 1) = '"' THEN a.summary ->> '$' WHEN a.summary ->> '$[0].o' = 'original' THEN a.summary ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(a.summary) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END) END,
                'areas', CASE WHEN a.areas IS NOT NULL THEN (SELECT json_group_array(json_object('value', CASE WHEN e.type = 'text' THEN e.value ELSE (SELECT v.value ->> '$.t' FROM json_each(e.value) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END)) FROM json_each(a.areas) e) END,
                'announcements', CASE WHEN a.announcements IS NOT NULL THEN (SELECT json_group_array(json_object('value', CASE WHEN e.type = 'text' THEN e.value ELSE (SELECT v.value ->> '$.t' FROM json_each(e.value) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END)) FROM json_each(a.announcements) e) END,
                'document', (
                    SELECT json_object('title', json_object('value', CASE WHEN substr(d.title, 1, 1) = '"' THEN d.title ->> '$' WHEN d.title ->> '$[0].o' = 'original' THEN d.title ->> '$[0].t' ELSE (SELECT v.value ->> '$.t' FROM json_each(d.title) v ORDER BY (v.value ->> '$.o' = 'original') DESC LIMIT 1) END), 'language', d.language)
                    FROM record r
                    CROSS JOIN document d ON d.id = r.id
                    WHERE r.id = a.document_id AND r.audience = 'public'
                )))
            FROM (
                SELECT n.summary, n.areas, n.announcements, n.document_id
                FROM answer n
                CROSS JOIN record r ON r.id = n.id
                WHERE n.interpellation_id = t.id AND r.audience = 'public'
                ORDER BY r.sort_text, r.id
                LIMIT 5
            ) a)),
        'sources', CASE WHEN rt.sources IS NOT NULL THEN (SELECT json_group_array(json_object('title', s.value ->> '$.title', 'url', s.value ->> '$.url', 'document', (
            SELECT json_object('slug', d.slug)
            FROM record d
            WHERE d.kind = 'document' AND d.slug = s.value ->> '$.url' AND instr(s.value ->> '$.url', ':') = 0
                AND instr(s.value ->> '$.url', '/') = 0 AND d.audience = 'public'))) FROM json_each(rt.sources) s) END)
    FROM record rt
    CROSS JOIN interpellation t ON t.id = rt.id
    WHERE rt.kind = 'interpellation' AND rt.slug = 'interpellation-2018-06-21' AND rt.audience = 'public'
))
