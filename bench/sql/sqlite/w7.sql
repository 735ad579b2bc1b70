-- The first hundred changes behind a number.
SELECT json_object('changes', json_object('nodes', json_group_array(json_object(
    'kind', upper(a.kind),
    'version', a.version,
    'op', CASE WHEN a.audience_before IS NOT 'public' THEN 'CREATED' WHEN a.audience_after IS 'public' THEN upper(a.op) WHEN a.op = 'erased' THEN 'ERASED' ELSE 'WITHDRAWN' END))))
FROM (
    SELECT kind, version, op, audience_before, audience_after
    FROM change
    WHERE seq > CAST(?1 AS integer) AND (audience_before = 'public' OR audience_after = 'public')
    ORDER BY seq
    LIMIT 100
) a
