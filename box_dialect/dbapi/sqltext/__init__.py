"""What the driver reads in the text of a statement; knows no connection."""
