def handler(event, context):
    """Accepts an order."""
    return {"accepted": True, "order": event.get("order")}
