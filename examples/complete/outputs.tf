output "webhook_id" {
  description = "The id of the webhook preference."
  value       = module.webhook.id
}
