"""The objects that a tree is made of."""

import hashlib
import os

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from call import Refused, Wanting

# How many parts are under way at once; each is held in memory.
PARTS_AT_ONCE = 4


class Source:
    """The objects that a tree is made of."""

    def __init__(self, bucket, owner):
        self.bucket, self.owner = bucket, owner
        # Without a way to S3 a connection is never refused, it just does not come.
        timeouts = {"connect_timeout": 5, "read_timeout": 30, "retries": {"total_max_attempts": 4, "mode": "standard"}}
        path_style = {"addressing_style": "path"} if os.environ.get("AWS_ENDPOINT_URL") else {}
        self.s3 = boto3.client("s3", config=Config(max_pool_connections=PARTS_AT_ONCE, s3=path_style, **timeouts))

    def read(self, digest, kind, limit):
        """The bytes of an object, which are what its name says."""
        key = f"assets/{digest}.{kind}"
        for _ in (1, 2):
            try:
                answer = self.s3.get_object(Bucket=self.bucket, Key=key, ExpectedBucketOwner=self.owner)
                data = answer["Body"].read(limit + 1)
            except ClientError as error:
                if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                    raise Wanting(digest) from None
                raise Refused("denied", f"{key}: {error}") from None
            except (BotoCoreError, OSError) as error:
                raise Refused("network", f"{key}: {error}") from None
            if len(data) <= limit and hashlib.sha256(data).hexdigest() == digest:
                return data
        raise Wanting(digest)
