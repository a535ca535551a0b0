# The secret exists only in Secrets Manager and in Wingspan.
resource "aws_secretsmanager_secret" "webhook" {
  name = "wingspan-webhook"
}

ephemeral "aws_secretsmanager_random_password" "webhook" {
  password_length     = 48
  exclude_punctuation = true
}

# 1. Store. The previous version stays available as AWSPREVIOUS.
resource "aws_secretsmanager_secret_version" "webhook" {
  secret_id = aws_secretsmanager_secret.webhook.id

  secret_string_wo = (
    ephemeral.aws_secretsmanager_random_password.webhook.random_password
  )
  secret_string_wo_version = var.webhook_secret_version
}

# 2. The function accepts AWSCURRENT and AWSPREVIOUS without a deployment.

# 3. Send to Wingspan what was stored.
ephemeral "aws_secretsmanager_secret_version" "webhook" {
  secret_id  = aws_secretsmanager_secret.webhook.id
  version_id = aws_secretsmanager_secret_version.webhook.version_id
}

resource "wingspan_webhook_preference" "payments" {
  url               = aws_lambda_function_url.receiver.function_url
  subscribed_events = var.subscribed_events

  shared_secret_wo = (
    ephemeral.aws_secretsmanager_secret_version.webhook.secret_string
  )
  shared_secret_wo_version = var.webhook_secret_version

  depends_on = [
    aws_iam_role_policy.receiver,
    aws_lambda_permission.url,
    aws_lambda_permission.invoke,
  ]

  lifecycle {
    prevent_destroy = true
  }
}
