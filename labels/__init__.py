"""What is stuck on parcels."""
