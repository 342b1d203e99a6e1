"""One file per outside thing: database, outbox, inbox, messaging, temporal, files, settings, telemetry."""
