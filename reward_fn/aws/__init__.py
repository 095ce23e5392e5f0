"""The adapters to AWS; the only place where the shipped package uses boto3."""
