"""What a statement reads once: the scan cache with its shared scans, key indexes, and downloaded values."""
