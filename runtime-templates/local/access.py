"""What the local AWS decides otherwise than MiniStack on who may do what.

The artifact bucket takes only what comes by TLS. Here everything comes by plain HTTP and never leaves the machine, which
counts as much.
"""

from ministack.core import iam_evaluator


def trust_connections():
    """Lets the condition `aws:SecureTransport` hold for every request."""
    resolve = iam_evaluator._resolve_condition_key

    def resolved(key, context):
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    iam_evaluator._resolve_condition_key = resolved
