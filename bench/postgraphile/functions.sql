-- What PostGraphile cannot express by itself: lists that go over the table of links, in an order of the other side. Computed
-- columns and queries, as its documentation recommends for this.
CREATE OR REPLACE FUNCTION city_own_partnerships(c city) RETURNS SETOF partnership LANGUAGE sql STABLE AS $$
    SELECT p.* FROM partnership p JOIN record r ON r.id = p.id
    WHERE r.audience = 'public'
        AND p.id IN (SELECT from_id FROM link WHERE to_id = c.id AND relation = 'partnership.cities')
    ORDER BY r.sort_text, r.id
$$;
CREATE OR REPLACE FUNCTION partnership_partners(p partnership) RETURNS SETOF city LANGUAGE sql STABLE AS $$
    SELECT c.* FROM link l JOIN city c ON c.id = l.to_id JOIN record r ON r.id = c.id
    WHERE l.from_id = p.id AND l.relation = 'partnership.cities' AND r.audience = 'public' ORDER BY l.position
$$;
CREATE OR REPLACE FUNCTION city_newest_projects(c city) RETURNS SETOF project LANGUAGE sql STABLE AS $$
    SELECT p.* FROM project p JOIN record r ON r.id = p.id
    WHERE r.audience = 'public'
        AND p.id IN (SELECT from_id FROM link WHERE to_id = c.id AND relation IN ('project.partners', 'project.cities'))
    ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC
$$;
CREATE OR REPLACE FUNCTION project_partner_links(p project) RETURNS SETOF link LANGUAGE sql STABLE AS $$
    SELECT l.* FROM link l JOIN record r ON r.id = l.to_id
    WHERE l.from_id = p.id AND l.relation = 'project.partners' AND r.audience = 'public' ORDER BY l.position
$$;
CREATE OR REPLACE FUNCTION city_newest_activities(c city, of_kind text) RETURNS SETOF activity LANGUAGE sql STABLE AS $$
    SELECT a.* FROM link l JOIN activity a ON a.id = l.from_id JOIN record r ON r.id = a.id
    WHERE l.to_id = c.id AND l.relation = 'activity.cities' AND a.kind = of_kind AND r.audience = 'public'
    ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC
$$;
CREATE OR REPLACE FUNCTION activity_companies(a activity) RETURNS SETOF organization LANGUAGE sql STABLE AS $$
    SELECT o.* FROM link l JOIN organization o ON o.id = l.to_id JOIN record r ON r.id = o.id
    WHERE l.from_id = a.id AND l.relation = 'activity.organizations' AND r.audience = 'public' ORDER BY l.position
$$;
CREATE OR REPLACE FUNCTION finished_projects() RETURNS SETOF project LANGUAGE sql STABLE AS $$
    SELECT p.* FROM project p JOIN record r ON r.id = p.id WHERE p.status = 'completed' AND r.audience = 'public'
    ORDER BY p.starts_first DESC NULLS LAST, p.starts_last DESC NULLS LAST, p.id DESC
$$;
CREATE OR REPLACE FUNCTION newest_activities() RETURNS SETOF activity LANGUAGE sql STABLE AS $$
    SELECT a.* FROM activity a JOIN record r ON r.id = a.id WHERE r.audience = 'public'
    ORDER BY a.starts_first DESC NULLS LAST, a.starts_last DESC NULLS LAST, a.id DESC
$$;
CREATE OR REPLACE FUNCTION changes_after(seq bigint) RETURNS SETOF change LANGUAGE sql STABLE AS $$
    SELECT c.* FROM change c
    WHERE c.seq > changes_after.seq AND (c.audience_before = 'public' OR c.audience_after = 'public') ORDER BY c.seq
$$;
