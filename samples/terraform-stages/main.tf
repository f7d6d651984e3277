terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  # bucket, key and region come from the buildspec
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

variable "stage" {
  type = string
  validation {
    condition     = contains(["dev", "qa", "prod"], var.stage)
    error_message = "The stage must be dev, qa or prod."
  }
}

variable "deployment_role" {
  description = "The role of another account that creates everything; empty for the account of the build."
  type        = string
  default     = ""
}

provider "aws" {
  dynamic "assume_role" {
    for_each = var.deployment_role == "" ? [] : [var.deployment_role]
    content {
      role_arn     = assume_role.value
      session_name = "orders-${var.stage}"
    }
  }

  default_tags {
    tags = { Stage = var.stage }
  }
}

resource "aws_ssm_parameter" "stage" {
  name  = "/orders/${var.stage}/stage"
  type  = "String"
  value = var.stage
}

output "parameter" {
  value = aws_ssm_parameter.stage.arn
}
