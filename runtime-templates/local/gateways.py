"""How the local AWS finds the API that a request is for.

The URL of an API names a host of AWS's, `ID.execute-api.REGION.amazonaws.com`. MiniStack knows one of its own in place of
it, and looks for the API in the account that signed the request, which from a browser or curl nobody did. Here a request
with AWS's host reaches the API too, in whichever account it is.
"""

import re

from ministack import app
from ministack.core import responses
from ministack.services import apigateway, apigateway_v1

# The hosts of China's regions end in `.cn`. The id is in the group that MiniStack reads.
HOST = re.compile(r"([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?::\d+)?$")


class Hosts:
    """MiniStack's pattern of an API's host, and AWS's."""

    def __init__(self, theirs):
        self.theirs = theirs

    def match(self, host):
        return self.theirs.match(host) or HOST.match(host)


def owner(api):
    """The account that an API is in; None where there is no such API."""
    stores = apigateway._apis, apigateway_v1._rest_apis
    return next((key[0] for store in stores for key, _ in store.all_items() if key[-1] == api), None)


def answer_at_awss_hosts():
    """Makes MiniStack find the API of a request by AWS's host, in any account."""
    app._EXECUTE_API_RE = Hosts(app._EXECUTE_API_RE)
    handle = app._handle_execute_api_request

    async def handled(host, path, *others, **named):
        api = app._parse_execute_api_url(host, path)
        account = api and owner(api[0])
        if account:
            responses.set_request_account_id(account)
        return await handle(host, path, *others, **named)

    app._handle_execute_api_request = handled
