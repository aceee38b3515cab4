import sys

# redis-py imports OpenTelemetry's metrics wherever they are installed and uses none of them here;
# a tenth of a second of every start. Traces and lines, where they are wanted, do without.
sys.modules.setdefault("opentelemetry.sdk.metrics", None)  # type: ignore[arg-type] - Python's way
