output "id" {
  description = "ID of the webhook preference."
  value       = wingspan_webhook_preference.this.id
}

output "user_id" {
  description = "ID of the account the webhook preference belongs to."
  value       = wingspan_webhook_preference.this.user_id
}

output "updated_at" {
  description = "Time of the last update in RFC 3339 format."
  value       = wingspan_webhook_preference.this.updated_at
}
