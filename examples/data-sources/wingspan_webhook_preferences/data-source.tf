data "wingspan_webhook_preferences" "all" {}

output "webhooks" {
  description = "URL and events of each webhook preference, by ID."
  value = {
    for p in data.wingspan_webhook_preferences.all.preferences : p.id => {
      url    = p.url
      events = p.subscribed_events
    }
  }
}
