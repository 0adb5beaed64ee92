# A topology, whatever else stands beside it.
def handler(event, context):
    return {}
