def handler(event, context):
    return {"data": "billed"}
