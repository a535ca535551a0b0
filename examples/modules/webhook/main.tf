resource "wingspan_webhook_preference" "this" {
  url               = var.url
  subscribed_events = var.subscribed_events
  user_id           = var.user_id

  shared_secret_wo         = var.secret
  shared_secret_wo_version = var.secret_version
}
