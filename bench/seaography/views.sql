-- What is public, a table for each entity: Seaography has no join of two tables that are one entity, and no table of links for
-- several relations.
CREATE OR REPLACE VIEW public_city AS
    SELECT r.id, r.slug, r.version, r.sort_text, c.name, c.kind, c.country, c.region, c.latitude, c.longitude, c.website, c.is_home
    FROM record r JOIN city c ON c.id = r.id
    WHERE r.kind = 'city' AND r.audience = 'public';
CREATE OR REPLACE VIEW public_partnership AS
    SELECT r.id, r.slug, r.sort_text, p.status, p.since_on FROM record r JOIN partnership p ON p.id = r.id
    WHERE r.audience = 'public';
CREATE OR REPLACE VIEW partnership_city AS
    SELECT from_id AS partnership_id, to_id AS city_id FROM link WHERE relation = 'partnership.cities';
