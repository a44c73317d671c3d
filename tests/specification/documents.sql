-- The tables and indexes that the documents ask for, in the documents' own words (without their comments).
-- tests/specification/catalog.py says where the database differs, and why.

-- Document 000: the decision maker

CREATE TABLE dm_strand (
    id TEXT PRIMARY KEY, lifecycle_id TEXT, parent_id TEXT, module TEXT DEFAULT 'dm', kind TEXT, symbol TEXT,
    timeframe TEXT, session_bucket TEXT, regime TEXT, alpha_bundle_ref TEXT, dm_alpha JSONB, dm_budget JSONB,
    dm_decision JSONB, risk_metrics JSONB, portfolio_impact JSONB, asymmetries JSONB, curator_decisions JSONB,
    lesson_metadata JSONB, created_at TIMESTAMPTZ DEFAULT now(), updated_at TIMESTAMPTZ DEFAULT now()
);

CREATE INDEX dm_strand_symbol_time ON dm_strand(symbol, created_at DESC);
CREATE INDEX dm_strand_lifecycle ON dm_strand(lifecycle_id);
CREATE INDEX dm_strand_alpha_ref ON dm_strand(alpha_bundle_ref);
CREATE INDEX dm_strand_decision_type ON dm_strand((dm_decision->>'decision_type'));
CREATE INDEX dm_strand_kind ON dm_strand(kind);
CREATE INDEX dm_strand_lesson_metadata ON dm_strand USING GIN(lesson_metadata);

CREATE TABLE dm_portfolio_state (
    id TEXT PRIMARY KEY, portfolio_value DECIMAL(20,8) NOT NULL, cash_balance DECIMAL(20,8) NOT NULL,
    total_risk DECIMAL(8,4) NOT NULL, var_95 DECIMAL(8,4) NOT NULL, max_drawdown DECIMAL(8,4) NOT NULL,
    sharpe_ratio DECIMAL(8,4) NOT NULL, created_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE dm_positions (
    id TEXT PRIMARY KEY, symbol TEXT NOT NULL, side TEXT NOT NULL, size DECIMAL(20,8) NOT NULL,
    entry_price DECIMAL(20,8) NOT NULL, current_price DECIMAL(20,8) NOT NULL, unrealized_pnl DECIMAL(20,8) NOT NULL,
    created_at TIMESTAMPTZ DEFAULT now(), updated_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE dm_curator_performance (
    id TEXT PRIMARY KEY, curator_type TEXT NOT NULL, decision_id TEXT NOT NULL,
    contribution_score DECIMAL(8,4) NOT NULL, accuracy_score DECIMAL(8,4) NOT NULL, learning_metadata JSONB,
    created_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE dm_curator_weights (
    id TEXT PRIMARY KEY, curator_type TEXT NOT NULL, weight DECIMAL(8,4) NOT NULL, confidence DECIMAL(8,4) NOT NULL,
    lesson_adjustments JSONB, created_at TIMESTAMPTZ DEFAULT now(), updated_at TIMESTAMPTZ DEFAULT now()
);

-- Document 001: the trader

CREATE TABLE tr_strand (
    id TEXT PRIMARY KEY, lifecycle_id TEXT, parent_id TEXT, module TEXT DEFAULT 'tr', kind TEXT, symbol TEXT,
    timeframe TEXT, session_bucket TEXT, regime TEXT, decision_id TEXT, order_spec JSONB, route_hint TEXT,
    tr_predict JSONB, fills JSONB, exec_metrics JSONB, position_data JSONB, monitoring_state JSONB,
    lesson_metadata JSONB, tags TEXT[], created_at TIMESTAMPTZ DEFAULT now(), updated_at TIMESTAMPTZ DEFAULT now()
);

CREATE INDEX tr_strand_symbol_time ON tr_strand(symbol, created_at DESC);
CREATE INDEX tr_strand_lifecycle ON tr_strand(lifecycle_id);
CREATE INDEX tr_strand_decision ON tr_strand(decision_id);
CREATE INDEX tr_strand_venue ON tr_strand((exec_metrics->>'venue'));
CREATE INDEX tr_strand_kind ON tr_strand(kind);
CREATE INDEX tr_strand_status ON tr_strand((exec_metrics->>'status'));
CREATE INDEX tr_strand_lesson_metadata ON tr_strand USING GIN(lesson_metadata);
CREATE INDEX tr_strand_tags ON tr_strand USING GIN(tags);

CREATE TABLE tr_positions (
    id TEXT PRIMARY KEY, symbol TEXT NOT NULL, quantity DECIMAL(20,8) NOT NULL, avg_price DECIMAL(20,8) NOT NULL,
    unrealized_pnl DECIMAL(20,8) NOT NULL, realized_pnl DECIMAL(20,8) NOT NULL, created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE tr_execution_performance (
    id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, venue TEXT NOT NULL, symbol TEXT NOT NULL,
    execution_score DECIMAL(8,4) NOT NULL, slippage_bps DECIMAL(8,4) NOT NULL, latency_ms INTEGER NOT NULL,
    lesson_metadata JSONB, created_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE tr_curator_performance (
    id TEXT PRIMARY KEY, curator_type TEXT NOT NULL, execution_id TEXT NOT NULL,
    contribution_score DECIMAL(8,4) NOT NULL, accuracy_score DECIMAL(8,4) NOT NULL, learning_metadata JSONB,
    created_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE tr_curator_weights (
    id TEXT PRIMARY KEY, curator_type TEXT NOT NULL, weight DECIMAL(8,4) NOT NULL, confidence DECIMAL(8,4) NOT NULL,
    lesson_adjustments JSONB, created_at TIMESTAMPTZ DEFAULT now(), updated_at TIMESTAMPTZ DEFAULT now()
);

-- Document 002: communication

CREATE TABLE AD_strands (
    id TEXT PRIMARY KEY, module TEXT DEFAULT 'alpha', kind TEXT, symbol TEXT, timeframe TEXT, session_bucket TEXT,
    regime TEXT, sig_sigma FLOAT8, sig_confidence FLOAT8, sig_direction TEXT, trading_plan JSONB, signal_pack JSONB,
    dsi_evidence JSONB, regime_context JSONB, event_context JSONB, module_intelligence JSONB, curator_feedback JSONB,
    tags JSONB, created_at TIMESTAMPTZ DEFAULT NOW(), updated_at TIMESTAMPTZ DEFAULT NOW()
);

CREATE TABLE DM_strands (
    id TEXT PRIMARY KEY, module TEXT DEFAULT 'dm', kind TEXT, symbol TEXT, timeframe TEXT, session_bucket TEXT,
    regime TEXT, dm_alpha JSONB, dm_budget JSONB, dm_decision JSONB, risk_metrics JSONB, portfolio_impact JSONB,
    asymmetries JSONB, curator_decisions JSONB, tags JSONB, created_at TIMESTAMPTZ DEFAULT NOW(),
    updated_at TIMESTAMPTZ DEFAULT NOW()
);

CREATE TABLE TR_strands (
    id TEXT PRIMARY KEY, module TEXT DEFAULT 'trader', kind TEXT, symbol TEXT, timeframe TEXT, session_bucket TEXT,
    regime TEXT, tr_execution JSONB, tr_outcome JSONB, tr_venue_performance JSONB, tr_slippage JSONB,
    tr_latency JSONB, tr_fills JSONB, tags JSONB, created_at TIMESTAMPTZ DEFAULT NOW(),
    updated_at TIMESTAMPTZ DEFAULT NOW()
);

CREATE INDEX idx_AD_strands_tags ON AD_strands USING GIN(tags);
CREATE INDEX idx_AD_strands_created_at ON AD_strands(created_at DESC);
CREATE INDEX idx_DM_strands_tags ON DM_strands USING GIN(tags);
CREATE INDEX idx_DM_strands_created_at ON DM_strands(created_at DESC);
CREATE INDEX idx_TR_strands_tags ON TR_strands USING GIN(tags);
CREATE INDEX idx_TR_strands_created_at ON TR_strands(created_at DESC);

-- Document 003: the data model

CREATE TABLE modules (
    module_id UUID PRIMARY KEY DEFAULT gen_random_uuid(), module_type VARCHAR(50) NOT NULL,
    module_version VARCHAR(20) NOT NULL, parent_modules JSONB, offspring_modules JSONB,
    generational_depth INTEGER DEFAULT 0, learning_rate DECIMAL(3,2) DEFAULT 0.01,
    adaptation_threshold DECIMAL(3,2) DEFAULT 0.7, performance_history JSONB, learning_patterns JSONB,
    innovation_score DECIMAL(3,2) DEFAULT 0.0, specialization_index DECIMAL(3,2) DEFAULT 0.0,
    communication_latency_ms INTEGER DEFAULT 0, message_throughput_per_sec INTEGER DEFAULT 0,
    intelligence_sharing_rate DECIMAL(3,2) DEFAULT 0.0, collaboration_score DECIMAL(3,2) DEFAULT 0.0,
    peer_ratings JSONB, network_centrality DECIMAL(3,2) DEFAULT 0.0, replication_readiness DECIMAL(3,2) DEFAULT 0.0,
    parent_performance JSONB, mutation_rate DECIMAL(3,2) DEFAULT 0.1, recombination_rate DECIMAL(3,2) DEFAULT 0.1,
    offspring_count INTEGER DEFAULT 0, lifecycle_stage VARCHAR(20) DEFAULT 'experimental',
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(), last_updated TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    status VARCHAR(20) DEFAULT 'active'
);

CREATE TABLE module_performance (
    performance_id UUID PRIMARY KEY DEFAULT gen_random_uuid(), module_id UUID REFERENCES modules(module_id),
    timestamp TIMESTAMP WITH TIME ZONE DEFAULT NOW(), performance_score DECIMAL(3,2) NOT NULL,
    consistency_score DECIMAL(3,2) NOT NULL, innovation_score DECIMAL(3,2) NOT NULL,
    specialization_score DECIMAL(3,2) NOT NULL, collaboration_score DECIMAL(3,2) NOT NULL,
    trading_plan_success_rate DECIMAL(3,2), execution_quality DECIMAL(3,2), risk_adjusted_returns DECIMAL(8,4),
    sharpe_ratio DECIMAL(8,4), max_drawdown DECIMAL(8,4), learning_effectiveness DECIMAL(3,2),
    adaptation_speed DECIMAL(3,2), intelligence_sharing_effectiveness DECIMAL(3,2), market_regime VARCHAR(20),
    asset_class VARCHAR(20), time_horizon VARCHAR(10)
);

CREATE TABLE trading_plans (
    plan_id UUID PRIMARY KEY DEFAULT gen_random_uuid(), module_id UUID REFERENCES modules(module_id),
    symbol VARCHAR(20) NOT NULL, timestamp TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    signal_strength DECIMAL(3,2) NOT NULL, direction VARCHAR(10) NOT NULL, entry_conditions JSONB,
    entry_price DECIMAL(20,8), position_size DECIMAL(5,2), stop_loss DECIMAL(20,8), take_profit DECIMAL(20,8),
    time_horizon VARCHAR(10), risk_reward_ratio DECIMAL(5,2), confidence_score DECIMAL(3,2) NOT NULL,
    microstructure_evidence JSONB, regime_context JSONB, module_intelligence JSONB, execution_notes TEXT,
    valid_until TIMESTAMP WITH TIME ZONE, validation_status VARCHAR(20) DEFAULT 'pending', risk_assessment JSONB,
    portfolio_impact JSONB, execution_status VARCHAR(20), executed_price DECIMAL(20,8),
    executed_quantity DECIMAL(20,8), execution_cost DECIMAL(20,8), slippage DECIMAL(8,4), pnl DECIMAL(20,8),
    performance_metrics JSONB, attribution_analysis JSONB
);

CREATE TABLE trading_plan_approvals (
    approval_id UUID PRIMARY KEY DEFAULT gen_random_uuid(), plan_id UUID REFERENCES trading_plans(plan_id),
    decision_maker_module_id UUID REFERENCES modules(module_id), timestamp TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    approval_status VARCHAR(20) NOT NULL, approval_reason TEXT, modifications JSONB, risk_assessment JSONB,
    risk_controls JSONB, portfolio_impact JSONB, decision_confidence DECIMAL(3,2), decision_factors JSONB,
    alternative_plans JSONB
);

CREATE TABLE dsi_evidence (
    evidence_id UUID PRIMARY KEY DEFAULT gen_random_uuid(), plan_id UUID REFERENCES trading_plans(plan_id),
    timestamp TIMESTAMP WITH TIME ZONE DEFAULT NOW(), mx_evidence DECIMAL(3,2) NOT NULL, mx_confirm BOOLEAN NOT NULL,
    mx_expert_contributions JSONB, mx_microtape_hash VARCHAR(64), mx_processing_latency_ms INTEGER,
    mx_confidence_interval JSONB, mx_fsm_experts JSONB, mx_classifier_experts JSONB, mx_anomaly_experts JSONB,
    mx_divergence_experts JSONB, mx_expert_weights JSONB, mx_expert_survival_rates JSONB,
    mx_evidence_boost DECIMAL(5,4), mx_confirm_rate DECIMAL(3,2), mx_expert_survival_rate DECIMAL(3,2),
    mx_latency_p50 INTEGER, mx_latency_p95 INTEGER, mx_throughput_per_second INTEGER
);

CREATE TABLE module_messages (
    message_id UUID PRIMARY KEY DEFAULT gen_random_uuid(), sender_module_id UUID REFERENCES modules(module_id),
    receiver_module_id UUID REFERENCES modules(module_id), timestamp TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    message_type VARCHAR(50) NOT NULL, message_data JSONB NOT NULL, priority INTEGER DEFAULT 2,
    ttl_seconds INTEGER DEFAULT 3600, status VARCHAR(20) DEFAULT 'pending', delivery_attempts INTEGER DEFAULT 0,
    last_delivery_attempt TIMESTAMP WITH TIME ZONE, error_message TEXT
);

CREATE TABLE module_intelligence_sharing (
    sharing_id UUID PRIMARY KEY DEFAULT gen_random_uuid(), sender_module_id UUID REFERENCES modules(module_id),
    timestamp TIMESTAMP WITH TIME ZONE DEFAULT NOW(), intelligence_type VARCHAR(50) NOT NULL,
    intelligence_data JSONB NOT NULL, performance_score DECIMAL(3,2), confidence_level DECIMAL(3,2),
    last_updated TIMESTAMP WITH TIME ZONE, target_modules JSONB, sharing_scope VARCHAR(20) DEFAULT 'broadcast',
    sharing_priority INTEGER DEFAULT 3
);

CREATE TABLE module_replications (
    replication_id UUID PRIMARY KEY DEFAULT gen_random_uuid(), parent_module_id UUID REFERENCES modules(module_id),
    child_module_id UUID REFERENCES modules(module_id), timestamp TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    trigger_type VARCHAR(50) NOT NULL, trigger_data JSONB, replication_reason TEXT, target_capabilities JSONB,
    performance_threshold DECIMAL(3,2), diversity_requirements JSONB,
    replication_status VARCHAR(20) DEFAULT 'initiated', creation_time_ms INTEGER, validation_time_ms INTEGER,
    initialization_time_ms INTEGER, inherited_intelligence JSONB, mutation_applied JSONB, recombination_applied JSONB
);

CREATE TABLE module_replication_triggers (
    trigger_id UUID PRIMARY KEY DEFAULT gen_random_uuid(), module_id UUID REFERENCES modules(module_id),
    timestamp TIMESTAMP WITH TIME ZONE DEFAULT NOW(), trigger_type VARCHAR(50) NOT NULL, trigger_data JSONB NOT NULL,
    trigger_priority INTEGER DEFAULT 2, status VARCHAR(20) DEFAULT 'active', processed_at TIMESTAMP WITH TIME ZONE,
    replication_id UUID REFERENCES module_replications(replication_id)
);

CREATE TABLE market_data_1m (
    symbol VARCHAR(20) NOT NULL, timestamp TIMESTAMP WITH TIME ZONE NOT NULL, open DECIMAL(20,8) NOT NULL,
    high DECIMAL(20,8) NOT NULL, low DECIMAL(20,8) NOT NULL, close DECIMAL(20,8) NOT NULL,
    volume DECIMAL(20,8) NOT NULL, mx_evidence DECIMAL(3,2), mx_confirm BOOLEAN, mx_expert_contributions JSONB,
    module_intelligence JSONB, module_learning_updates JSONB, PRIMARY KEY (symbol, timestamp)
);

CREATE TABLE anomaly_events (
    event_id UUID PRIMARY KEY DEFAULT gen_random_uuid(), symbol VARCHAR(20) NOT NULL,
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL, anomaly_type VARCHAR(50) NOT NULL,
    anomaly_score DECIMAL(5,4) NOT NULL, trading_plan_id UUID REFERENCES trading_plans(plan_id),
    plan_generation_module_id UUID REFERENCES modules(module_id), signal_pack JSONB NOT NULL,
    dsi_evidence_id UUID REFERENCES dsi_evidence(evidence_id), microstructure_validation JSONB,
    module_intelligence JSONB, intelligence_confidence DECIMAL(3,2), plan_execution_status VARCHAR(20),
    plan_performance_metrics JSONB, attribution_analysis JSONB
);

CREATE INDEX idx_module_performance_module_id_timestamp ON module_performance(module_id, timestamp DESC);
CREATE INDEX idx_module_performance_score ON module_performance(performance_score DESC);
CREATE INDEX idx_trading_plans_module_id_timestamp ON trading_plans(module_id, timestamp DESC);
CREATE INDEX idx_trading_plans_symbol_timestamp ON trading_plans(symbol, timestamp DESC);
CREATE INDEX idx_trading_plans_confidence_score ON trading_plans(confidence_score DESC);
CREATE INDEX idx_dsi_evidence_plan_id ON dsi_evidence(plan_id);
CREATE INDEX idx_dsi_evidence_timestamp ON dsi_evidence(timestamp DESC);
CREATE INDEX idx_dsi_evidence_mx_evidence ON dsi_evidence(mx_evidence DESC);
CREATE INDEX idx_module_messages_sender_timestamp ON module_messages(sender_module_id, timestamp DESC);
CREATE INDEX idx_module_messages_receiver_timestamp ON module_messages(receiver_module_id, timestamp DESC);
CREATE INDEX idx_module_messages_type_status ON module_messages(message_type, status);
CREATE INDEX idx_module_replications_parent_timestamp ON module_replications(parent_module_id, timestamp DESC);
CREATE INDEX idx_module_replications_child_timestamp ON module_replications(child_module_id, timestamp DESC);
CREATE INDEX idx_module_replications_trigger_type ON module_replications(trigger_type);

-- Read by documents 000 and 001, kept by document 003's retention, and given no columns of their own there

CREATE TABLE RM_strands (
    id TEXT PRIMARY KEY, module TEXT DEFAULT 'risk', kind TEXT, symbol TEXT, timeframe TEXT, session_bucket TEXT,
    regime TEXT, rm_risk_assessment JSONB, rm_portfolio_risk JSONB, rm_var_calculation JSONB, rm_stress_test JSONB,
    rm_risk_limits JSONB, rm_alert_data JSONB, tags JSONB, created_at TIMESTAMPTZ DEFAULT NOW(),
    updated_at TIMESTAMPTZ DEFAULT NOW()
);

CREATE TABLE MD_strands (
    id TEXT PRIMARY KEY, module TEXT DEFAULT 'market', kind TEXT, symbol TEXT, timeframe TEXT, session_bucket TEXT,
    regime TEXT, tags JSONB, created_at TIMESTAMPTZ DEFAULT NOW(), updated_at TIMESTAMPTZ DEFAULT NOW()
);

CREATE TABLE market_data_15m (LIKE market_data_1m INCLUDING ALL);
CREATE TABLE market_data_1h (LIKE market_data_1m INCLUDING ALL);
