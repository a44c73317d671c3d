from django.db import migrations

#: What risk said halts, whoever has taken the halt's id before: then it is said under the next one of the same moment.
#: The rule runs once for an update, so nothing it meets under that id can be its own.
ALERT_HALTS = """
CREATE OR REPLACE FUNCTION tradingops_alert_halts(update_id text, story text, about text, frame text, bucket text,
                                                  market text, moment timestamptz, hops integer, halts jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one jsonb;
    own text;
    tries integer;
BEGIN
    IF jsonb_typeof(halts) <> 'array' THEN RETURN; END IF;
    FOR one IN SELECT each FROM jsonb_array_elements(halts) AS each
                WHERE jsonb_typeof(each) = 'object' AND each ->> 'id' <> '' LOOP
        own := one ->> 'id';
        tries := 0;
        LOOP
            INSERT INTO op_strands (id, lifecycle_id, parent_id, kind, symbol, timeframe, session_bucket, regime, tags,
                                    at, hop, op_halt)
            VALUES (own, story, update_id, 'halt', about, frame, bucket, market, '[]', moment, hops + 1, one - 'id')
                ON CONFLICT (id) DO NOTHING;
            EXIT WHEN FOUND;
            tries := tries + 1;
            own := left(one ->> 'id', 10)
                || upper(left(md5(concat_ws(' ', one ->> 'id', tries, clock_timestamp(), random())), 16));
        END LOOP;
    END LOOP;
END $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION tradingops_alert_halts(update_id text, story text, about text, frame text, bucket text,
                                                  market text, moment timestamptz, hops integer, halts jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF jsonb_typeof(halts) <> 'array' THEN RETURN; END IF;
    INSERT INTO op_strands (id, lifecycle_id, parent_id, kind, symbol, timeframe, session_bucket, regime, tags, at, hop,
                            op_halt)
    SELECT each ->> 'id', story, update_id, 'halt', about, frame, bucket, market, '[]', moment, hops + 1, each - 'id'
      FROM jsonb_array_elements(halts) AS each
     WHERE jsonb_typeof(each) = 'object' AND each ->> 'id' <> '';
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('strands', '0013_records_stay'),
    ]

    operations = [
        migrations.RunSQL(ALERT_HALTS, BEFORE),
    ]
