stage           = "prod"
deployment_role = "arn:aws:iam::333333333333:role/orders-deployment"
