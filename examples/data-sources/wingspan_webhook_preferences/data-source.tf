data "wingspan_webhook_preferences" "all" {}

output "webhooks" {
  description = "What goes where, by the id of the webhook preference."
  value = {
    for p in data.wingspan_webhook_preferences.all.preferences : p.id => {
      url    = p.url
      events = p.subscribed_events
    }
  }
}
