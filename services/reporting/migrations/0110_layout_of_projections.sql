-- Which layout the live projections are of, so that a start under newer code can tell that they are older; and
-- views that may change their columns when others go live.

ALTER TABLE live_projections ADD COLUMN layout integer NOT NULL DEFAULT 1;

CREATE OR REPLACE FUNCTION point_report_at(number integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    shown name;
BEGIN
    CREATE SCHEMA IF NOT EXISTS report;
    FOR shown IN SELECT viewname FROM pg_views WHERE schemaname = 'report' LOOP
        EXECUTE format('DROP VIEW report.%I', shown);
    END LOOP;
    FOR shown IN SELECT tablename FROM pg_tables WHERE schemaname = 'projections_' || number LOOP
        EXECUTE format('CREATE VIEW report.%I AS TABLE %I.%I', shown, 'projections_' || number, shown);
    END LOOP;
END
$$;
