-- The first hundred changes behind a number.
SELECT json_build_object('changes', json_build_object('nodes', coalesce(json_agg(json_build_object(
    'kind', upper(a.kind),
    'version', a.version,
    'op', CASE WHEN a.audience_before IS DISTINCT FROM 'public' THEN 'CREATED' WHEN a.audience_after IS NOT DISTINCT FROM 'public' THEN upper(a.op) WHEN a.op = 'erased' THEN 'ERASED' ELSE 'WITHDRAWN' END) ORDER BY a.seq), '[]')))::text
FROM (
    SELECT seq, kind, version, op, audience_before, audience_after
    FROM change
    WHERE seq > $1::text::bigint AND (audience_before = 'public' OR audience_after = 'public')
    ORDER BY seq
    LIMIT 100
) a
