-- The first changes after a number.
SELECT json_build_object('changes', json_build_object('nodes', (
    SELECT coalesce(json_agg(json_build_object('kind', upper(kind), 'version', version, 'op', upper(op)) ORDER BY seq), '[]'::json)
    FROM (
        SELECT seq, kind, version, op FROM change
        WHERE seq > $1::text::bigint AND (audience_before = 'public' OR audience_after = 'public') ORDER BY seq LIMIT 100
    ) found)))::text
