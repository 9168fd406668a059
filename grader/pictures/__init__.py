"""Pictures of what a check compared: small ones for terminals, and figures for pages, drawn in the judge from data."""
