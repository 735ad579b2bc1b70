-- The first changes after a number.
SELECT json_object('changes', json_object('nodes', (
    SELECT json_group_array(json_object('kind', upper(kind), 'version', version, 'op', upper(op)))
    FROM (
        SELECT kind, version, op FROM change
        WHERE seq > CAST(?1 AS integer) AND (audience_before = 'public' OR audience_after = 'public') ORDER BY seq LIMIT 100))))
