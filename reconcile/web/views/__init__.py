"""Pages: scope, one call into ledger.queries or an operation, render."""
