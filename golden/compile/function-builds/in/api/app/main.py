def run(event, context):
    return {"data": "ok"}
