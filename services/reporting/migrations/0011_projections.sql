-- Which projections are live, and what it takes to build others beside them: their tables stand in schemas
-- `projections_<number>`, readers see those that are live through the views of schema `report`.

CREATE TABLE live_projections (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    number integer NOT NULL  -- 0: none yet
);
INSERT INTO live_projections (number) VALUES (0);

CREATE FUNCTION create_projections(number integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE SCHEMA %I', 'projections_' || number);
END
$$;

CREATE FUNCTION drop_projections_but(kept integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    dropped name;
BEGIN
    FOR dropped IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^projections_[0-9]+$' LOOP
        IF dropped <> 'projections_' || kept THEN
            EXECUTE format('DROP SCHEMA %I CASCADE', dropped);
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION point_report_at(number integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    shown name;
BEGIN
    CREATE SCHEMA IF NOT EXISTS report;
    FOR shown IN SELECT tablename FROM pg_tables WHERE schemaname = 'projections_' || number LOOP
        EXECUTE format('CREATE OR REPLACE VIEW report.%I AS TABLE %I.%I', shown, 'projections_' || number, shown);
    END LOOP;
END
$$;

-- Every row that one set of projections has and the other has not: `side` says which has it.
CREATE FUNCTION differing_projections(live integer, rebuilt integer, most integer)
RETURNS TABLE (relation text, side text, entry jsonb) LANGUAGE plpgsql AS $$
DECLARE
    compared name;
    mine text := 'projections_' || live;
    theirs text := 'projections_' || rebuilt;
BEGIN
    FOR compared IN SELECT tablename FROM pg_tables WHERE schemaname = theirs ORDER BY tablename LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %L::text, ''live'', to_jsonb(d) FROM (TABLE %I.%I EXCEPT ALL TABLE %I.%I) AS d LIMIT %s',
            compared, mine, compared, theirs, compared, most);
        RETURN QUERY EXECUTE format(
            'SELECT %L::text, ''rebuilt'', to_jsonb(d) FROM (TABLE %I.%I EXCEPT ALL TABLE %I.%I) AS d LIMIT %s',
            compared, theirs, compared, mine, compared, most);
    END LOOP;
END
$$;
