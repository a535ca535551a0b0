output "id" {
  description = "The id of the webhook preference."
  value       = wingspan_webhook_preference.this.id
}

output "user_id" {
  description = "The id of the account that owns the webhook preference."
  value       = wingspan_webhook_preference.this.user_id
}

output "updated_at" {
  description = "When the webhook preference was last changed, as an RFC 3339 time."
  value       = wingspan_webhook_preference.this.updated_at
}
