"""Rules the database holds for rulings: they commit one after another, and no order passes a halt."""

from __future__ import annotations

from typing import Any

import pgtrigger

from strands import tables, tags
from strands.given import DESK, LEFT_UNDER_A_HALT, HaltState
from strands.rulings import automatic
from strands.rulings.ruling import COLUMNS, HALT

#: The key of the advisory lock under which rulings commit one after another, and which orders share.
RULINGS_LOCK = 0x72756C65
#: The SQLSTATE of an order that a halt refused: a turn's own fault, of no class that is the database's.
HALTED = "HALTD"
_PASSING = "ARRAY['" + "', '".join(sorted(LEFT_UNDER_A_HALT)) + "']"


class RulingsInOrder(pgtrigger.Trigger):
    """Let rulings commit one after another, numbered in that order.

    Readers follow the numbers: without the lock one could commit below a number that has been read past.
    """

    when = pgtrigger.Before
    operation = pgtrigger.Insert
    condition = pgtrigger.Q(new__kind__in=sorted(COLUMNS))
    func = f"""
        PERFORM pg_advisory_xact_lock({RULINGS_LOCK});
        NEW.said := nextval('strands_said');
        RETURN NEW;
    """


class HaltsAreKept(pgtrigger.Trigger):
    """Keep what each sound halt puts in force where the orders' rule reads it.

    What makes one sound is told by ``strands.rulings.ruling``; what is unsound is in force nowhere.
    """

    when = pgtrigger.After
    operation = pgtrigger.Insert
    condition = pgtrigger.Q(new__kind=HALT)
    func = "PERFORM tradingops_keep_halt(NEW.said, NEW.id, NEW.op_halt); RETURN NULL;"


class OrdersObeyHalts(pgtrigger.Trigger):
    """Refuse an order that a halt concerns, whoever says it and by whatever road.

    The lock is shared by orders and exclusive to rulings: an order that would commit after a halt has waited for it and
    sees it, and a halt waits for the orders under way, no longer than one batch of turns. A transaction with one
    snapshot for all of its statements would not see it, and may not say orders.
    """

    name = "orders_obey_halts"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("tags")
    declare = [
        ("spec", "jsonb"),
        ("venue", "text"),
        ("stop", "record"),
        ("reduces", "boolean"),
        ("protects", "boolean"),
    ]

    def __init__(self, table: tables.Table) -> None:
        self.table_of_strands = table
        super().__init__(condition=pgtrigger.Condition(f"""NEW.tags ? '{tags.SUBMIT_ORDER}'"""))

    def get_func(self, model: Any) -> str:
        payload = self.table_of_strands.payload
        spec = "NEW.order_spec" if "order_spec" in payload else "NULL"
        venue = "NEW.route_hint" if "route_hint" in payload else "NULL"
        return f"""
            IF TG_OP = 'UPDATE' AND OLD.tags ? '{tags.SUBMIT_ORDER}' THEN RETURN NEW; END IF;
            IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
                RAISE EXCEPTION 'order %: a % transaction does not see halts that are committed meanwhile',
                      NEW.id, current_setting('transaction_isolation')
                      USING ERRCODE = 'check_violation', HINT = 'Say orders in a read committed transaction.';
            END IF;
            PERFORM pg_advisory_xact_lock_shared({RULINGS_LOCK});
            spec := {spec};
            venue := nullif({venue}, '');
            reduces := COALESCE(spec ->> 'intent' = 'exit' AND spec -> 'reduce_only' = 'true'::jsonb, false);
            protects := reduces AND COALESCE(spec ->> 'group' IS NOT NULL
                                             OR spec ->> 'exit_reason' = ANY ({_PASSING}), false);
            FOR stop IN
                SELECT DISTINCT ON (scope) scope, state FROM halts
                 WHERE (begins IS NULL OR begins <= NEW.at) AND (ends IS NULL OR NEW.at < ends)
                   AND (scope IN ('{DESK}', 'module:venue', 'module:{self.table_of_strands.module}',
                                  'symbol:' || NEW.symbol, 'symbol:' || (spec ->> 'symbol'), 'venue:' || venue)
                        OR venue IS NULL AND scope LIKE 'venue:%')
                 ORDER BY scope, said DESC
            LOOP
                CONTINUE WHEN stop.state = '{HaltState.ACTIVE}' OR protects
                           OR reduces AND stop.state = '{HaltState.REDUCE_ONLY}';
                RAISE EXCEPTION 'order %: halted: % is %', NEW.id, stop.scope, stop.state
                      USING ERRCODE = '{HALTED}',
                            HINT = 'Under reduce-only say orders that only reduce; resume the scope to say others.';
            END LOOP;
            RETURN NEW;
        """


class AlertsHalt(pgtrigger.Trigger):
    """Write the halts that a risk update tells of, in the statement that writes the update."""

    name = "alerts_halt"
    when = pgtrigger.After
    operation = pgtrigger.Insert
    condition = pgtrigger.Condition(f"NEW.kind = '{automatic.KIND}' AND NEW.{automatic.COLUMN} ? '{automatic.FIELD}'")
    func = f"""
        PERFORM tradingops_alert_halts(NEW.id, COALESCE(NEW.lifecycle_id, NEW.id), NEW.symbol, NEW.timeframe,
                                       NEW.session_bucket, NEW.regime, NEW.at, NEW.hop,
                                       NEW.{automatic.COLUMN} -> '{automatic.FIELD}');
        RETURN NULL;
    """


def of_people() -> list[pgtrigger.Trigger]:
    """Return the rules of the table of what people say."""
    return [RulingsInOrder(name="rulings_in_order"), HaltsAreKept(name="halts_are_kept")]
