"""Compare the driver with the least time that its work can take, and with what else there is; see README.md here."""
