def handler(event, context):
    return {"data": "ok"}
