"""Which release this is, as events, the API and people are told."""

RELEASE = "0.1.0"
