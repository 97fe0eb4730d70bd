"""The rules of after-sales: pure functions and values, no I/O and no clock."""
