"""The four experts: grammar, classifier, anomaly, divergence."""
