output "function_url" {
  description = "URL that receives the events."
  value       = aws_lambda_function_url.receiver.function_url
}

output "queue_url" {
  description = "URL of the queue with the verified events."
  value       = aws_sqs_queue.events.url
}
