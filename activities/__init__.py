"""What touches the world: one class per party, every method idempotent and synchronous."""
