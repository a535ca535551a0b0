resource "aws_lambda_function" "receiver" {
  function_name    = "wingspan-receiver"
  role             = aws_iam_role.receiver.arn
  runtime          = "python3.13"
  handler          = "handler.handler"
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  timeout          = 10

  environment {
    variables = {
      SECRET_ID          = aws_secretsmanager_secret.webhook.arn
      QUEUE_URL          = aws_sqs_queue.events.url
      SIGNATURE_HEADER   = var.signature_header
      SIGNATURE_ENCODING = var.signature_encoding
    }
  }
}

# Wingspan can't sign AWS requests. The function verifies the signature.
resource "aws_lambda_function_url" "receiver" {
  function_name      = aws_lambda_function.receiver.function_name
  authorization_type = "NONE"
}

# A public function URL requires both permissions.
resource "aws_lambda_permission" "url" {
  function_name          = aws_lambda_function.receiver.function_name
  action                 = "lambda:InvokeFunctionUrl"
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_permission" "invoke" {
  function_name = aws_lambda_function.receiver.function_name
  action        = "lambda:InvokeFunction"
  principal     = "*"
}

resource "aws_sqs_queue" "events" {
  name                      = "wingspan-events.fifo"
  fifo_queue                = true
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_iam_role" "receiver" {
  name = "wingspan-receiver"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "receiver" {
  role = aws_iam_role.receiver.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = aws_secretsmanager_secret.webhook.arn
      },
      {
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.events.arn
      },
      {
        Effect = "Allow"
        Action = [
          "logs:CreateLogGroup",
          "logs:CreateLogStream",
          "logs:PutLogEvents",
        ]
        Resource = "*"
      },
    ]
  })
}
